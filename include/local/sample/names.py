"""Names to make up students from. Given and family names are paired at random: no name belongs to a real person."""

_GIVEN_NAMES = """
Aaliyah Abigail Ahmed Aiden Aisha Alejandro Amara Amelia Ana Andre Anh Aria Asha Ava Benjamin Brianna Caleb Camila
Carlos Chloe Connor Daniel Darius Deepa Diego Elena Eli Emily Ethan Fatima Gabriel Grace Hana Hannah Imani Isaac
Isabella Jada Jamal Jayden Jin José Josiah Julia Kai Kenji Kiara Layla Leilani Leo Liam Linh Lucía Malik Maria
Mateo Maya Mei Mia Miguel Mohammed Naomi Nia Nina Noah Noor Olivia Omar Owen Priya Rafael Rania Ravi Rosa Ruth Samir
Samuel Santiago Sofía Sophia Tariq Tessa Thomas Tyrone Valentina Viktor Wei William Xavier Yara Yusuf Zoe Zoë
"""
_FAMILY_NAMES = """
Abdi Adams Ali Allen Álvarez Anderson Baker Begay Bennett Brooks Brown Campbell Carter Castillo Chang Chen Clark
Coleman Cruz Davis Delgado Diaz Edwards Evans Flores Foster Garcia Gomez Gonzalez Green Gupta Gutiérrez Hall Harris
Hassan Hayes Hernandez Hill Howard Hughes Ibrahim Jackson James Johnson Jones Kahale Kaur Kelly Khan Kim Lee Lewis
Lin Lopez Martin Martinez Miller Mitchell Moore Morales Morgan Murphy Nakamura Nguyen Núñez O'Connor Okafor Ortiz
Park Patel Perez Peterson Phillips Ramirez Reed Reyes Rivera Roberts Robinson Ross Russell Sanchez Scott Shah Silva
Singh Smith Tanaka Taylor Thomas Torres Tran Turner Vang Walker Washington White Williams Wilson Wong Wright Young
"""

GIVEN_NAMES = tuple(_GIVEN_NAMES.split())
FAMILY_NAMES = tuple(_FAMILY_NAMES.split())
