"""Sessions on the learning platform: pages, lessons, problems, assessments, help, and what the platform tries out."""

from __future__ import annotations

from datetime import date

from include.local.sample.draws import between, one_of, weighted
from include.local.sample.events.clock import Day
from include.local.sample.events.courses import Unit, share_of_points, unit_of
from include.local.sample.events.learners import Learner, Story
from include.local.sample.rows import PlatformEventRow

UNMAPPED_TYPE = "tool_opened"  # no row of the seed event_types knows it
TRIED = (("feature_use", 72), ("error", 15), ("custom", 11), (UNMAPPED_TYPE, 2))
FEATURES = ("flashcards", "read_aloud", "dark_mode", "notes", "dictionary")
EXPERIMENTS = (("short_lessons", date(2024, 10, 1)), ("worked_examples", date(2025, 1, 13)))
TREATMENT_SHARE, SWITCHED_SHARE = 0.5, 0.01
FINISHED_SHARE, TREATMENT_EFFECT = 0.7, 0.06  # of lessons; the effect is that of each experiment
MAX_SCORES = (10, 20, 25, 100)
WITHOUT_SESSION_SHARE = 0.08


class Session:
    """A session of a learner; its `rows` are written as it goes on."""

    def __init__(self, learner: Learner, story: Story, day: Day) -> None:
        self.learner, self.story, self.day = learner, story, day
        self.rows: list[PlatformEventRow] = []
        is_mobile = day.random.random() < 0.35
        device = learner.device_os.lower() if is_mobile else "chromebook"
        source, campaign = "mobile_app" if is_mobile else "web_app", learner.utm_source
        told = f',"utm_source":"{campaign}"' if campaign else ""
        self._metadata = f'{{"source":"{source}","country":"{learner.country}","device":"{device}"{told}}}'
        self._id = "" if day.random.random() < WITHOUT_SESSION_SHARE else f"P-{day.new_id()}"

    def add(self, event_type: str, data: str, least: float = 2, most: float = 45) -> None:
        """The next event, some seconds after the one before; `data` is the inside of a JSON object."""
        day = self.day
        time = day.later(least, most)
        self.rows.append(
            PlatformEventRow(
                day.new_id(),
                self.learner.user_id,
                event_type,
                time,
                self._id,
                f"{{{data}}}",
                self._metadata,
                "1.0",
            )
        )

    def happens(self, share: float) -> bool:
        """Whether something happens that happens with this share."""
        return self.day.random.random() < share


def platform_session(learner: Learner, story: Story, day: Day, length: float) -> list[PlatformEventRow]:
    """The events of one session of about `length` events."""
    session = Session(learner, story, day)
    _arrive(session)
    if not learner.is_student:
        session.add("resource_access", '"page_id":"family_guide"', 5, 200)
        return session.rows
    while len(session.rows) < length and not day.is_over:
        unit = unit_of(learner, day)
        weighted(day.random.random(), ACTIVITIES)(session, unit)
        story.practice[unit.unit_id] += 1
    return session.rows


def _arrive(session: Session) -> None:
    """The first page; and what happens once to each learner, or again and again with an experiment."""
    story, day, happens = session.story, session.day, session.happens
    session.add("page_view", '"page_id":"home"')
    if not story.is_onboarded and happens(0.6):
        story.is_onboarded = True
        session.add("onboarding_complete", '"title":"Welcome"', 20, 120)
    for experiment, since in EXPERIMENTS:
        if day.date >= since and (experiment not in story.variants or happens(0.1)):
            _expose(session, experiment)
    if story.trial_since is None and story.is_onboarded and happens(0.03):
        story.trial_since = day.date
        session.add("trial_start", '"title":"Premium trial"')
    elif story.trial_since and not story.is_subscriber and (day.date - story.trial_since).days >= 7 and happens(0.08):
        story.is_subscriber = True
        session.add("subscription_start", '"title":"Premium"')


def _expose(session: Session, experiment: str) -> None:
    """Show the learner's variant of an experiment; a few see the other one once they come back."""
    point = (session.learner.variant_point + 0.37 * len(experiment)) % 1
    is_switched = experiment in session.story.variants and session.happens(SWITCHED_SHARE)
    variant = "treatment" if (point < TREATMENT_SHARE) != is_switched else "control"
    session.story.variants[experiment] = variant
    session.add("experiment_exposure", f'"experiment":"{experiment}","variant":"{variant}"', 0.1, 1)


def _lesson(session: Session, unit: Unit) -> None:
    lesson = f"{unit.unit_id}-L{int(between(session.day.random, 1, 6))}"
    about = f'"lesson_id":"{lesson}","title":"{unit.name}","unit_id":"{unit.unit_id}","product":"{unit.product}"'
    session.add("lesson_start", about)
    for _ in range(int(between(session.day.random, 0, 3))):
        session.add("page_view", f'"page_id":"{lesson}-page","unit_id":"{unit.unit_id}"', 20, 150)
        session.add("interaction", f'"lesson_id":"{lesson}","element":"next_button"', 5, 60)
    treatments = sum(variant == "treatment" for variant in session.story.variants.values())
    if session.happens(FINISHED_SHARE + TREATMENT_EFFECT * treatments):
        session.add("lesson_complete", about, 60, 400)


def _problems(session: Session, unit: Unit) -> None:
    for _ in range(int(between(session.day.random, 1, 5))):
        share = share_of_points(session.learner, session.story, unit, session.day)
        is_correct = "true" if session.happens(0.1 + 0.85 * share) else "false"
        problem = f"{unit.unit_id}-P{int(between(session.day.random, 1, 25)):02d}"
        seconds = between(session.day.random, 8, 60) * (1.5 - share)
        data = (
            f'"problem_id":"{problem}","unit_id":"{unit.unit_id}","product":"{unit.product}",'
            f'"correct":{is_correct},"time_seconds":{seconds:.1f}'
        )
        session.add("problem_attempt", data, seconds, seconds + 8)
        if is_correct == "false" and session.happens(0.2):
            session.add("help_requested", f'"problem_id":"{problem}","unit_id":"{unit.unit_id}"', 1, 20)


def _assessment(session: Session, unit: Unit) -> None:
    place = int(between(session.day.random, 0, len(MAX_SCORES)))
    quiz = f'"assessment_id":"{unit.unit_id}-Q{place + 1}","unit_id":"{unit.unit_id}","product":"{unit.product}"'
    session.add("assessment_start", quiz)
    if session.happens(0.9):
        most = MAX_SCORES[place]
        score = round(2 * most * share_of_points(session.learner, session.story, unit, session.day)) / 2
        session.add("assessment_complete", f'{quiz},"score":{score:g},"max_score":{most}', 180, 900)


def _look_around(session: Session, unit: Unit) -> None:
    session.add("page_view", f'"page_id":"{unit.unit_id}","unit_id":"{unit.unit_id}","product":"{unit.product}"')
    if session.happens(0.5):
        session.add("resource_access", f'"item_id":"{unit.unit_id}-R1","title":"{unit.name}"', 10, 200)


def _try_something(session: Session, unit: Unit) -> None:
    data = {
        "feature_use": f'"feature":"{one_of(session.day.random, FEATURES)}"',
        "error": '"code":"timeout"',
        "custom": '"name":"survey"',
        UNMAPPED_TYPE: f'"unit_id":"{unit.unit_id}"',
    }
    kind = weighted(session.day.random.random(), TRIED)
    session.add(kind, data[kind])


ACTIVITIES = ((_lesson, 29), (_problems, 30), (_assessment, 22), (_look_around, 10), (_try_something, 9))
