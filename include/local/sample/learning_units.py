"""The learning units of the sample: what a teacher of each subject and grade goes through in a year, in order."""

from __future__ import annotations

from collections.abc import Iterator

from include.local.sample.rows import Delivery, LearningUnitRow

UNITS_FILE_DAY = "2024-08-01"
FIRST_GRADE = 6
CODES = {"Mathematics": "MATH", "English": "ENG", "Science": "SCI", "History": "HIST"}

# A line for each grade from the first one on.
UNITS = {
    "Mathematics": """
        Ratios and Rates; Fractions and Decimals; Expressions and Equations
        Proportional Relationships; Rational Numbers; Probability and Sampling
        Linear Equations; Functions; The Pythagorean Theorem
        Linear Inequalities; Systems of Equations; Quadratic Functions
        Congruence and Proof; Similarity and Right Triangles; Circles and Volume
        Polynomials; Exponential and Logarithmic Functions; Trigonometric Functions
        Limits and Continuity; Derivatives; Integrals
    """,
    "English": """
        Narrative Writing; Myths and Legends; Reading Informational Text
        Short Stories; Poetry and Figurative Language; Argument Writing
        Memoir and Biography; Reading Drama; Research and Citation
        The Novel; Romeo and Juliet; Rhetoric and Persuasion
        World Literature; Macbeth; Literary Analysis
        American Literature; The Great Gatsby; The Synthesis Essay
        British Literature; Hamlet; The College Essay
    """,
    "Science": """
        Cells and Organisms; Weather and Climate; Thermal Energy
        Ecosystems; Chemical Reactions; Human Body Systems
        Forces and Motion; Waves and Light; Heredity and Evolution
        Cell Biology; Genetics; Ecology
        Atomic Structure; Stoichiometry; Acids and Bases
        Kinematics; Energy and Momentum; Electricity and Magnetism
        Earth Systems; Biodiversity; Climate Change
    """,
    "History": """
        Mesopotamia and Egypt; Ancient Greece; Ancient Rome
        Medieval Europe; Islamic Civilizations; The Renaissance
        The American Revolution; The Constitution; Civil War and Reconstruction
        The Age of Exploration; The Enlightenment; The French Revolution
        The Industrial Revolution; World War I; World War II
        The Gilded Age; The Great Depression; The Civil Rights Movement
        Foundations of Government; The Three Branches; Civil Liberties
    """,
}


def unit_rows() -> Iterator[Delivery]:
    """The units in their file."""
    for row in units():
        yield UNITS_FILE_DAY, "plain", row


def units() -> Iterator[LearningUnitRow]:
    """The units by subject and grade, in the order in which they are taught."""
    for subject, lines in UNITS.items():
        for grade, line in enumerate(lines.strip().splitlines(), start=FIRST_GRADE):
            for place, name in enumerate(line.split(";"), start=1):
                unit_id = f"{CODES[subject]}-{grade:02d}-{place}"
                yield LearningUnitRow(unit_id, name.strip(), subject, grade, place, "2024-07-22T09:00:00")
