"""Histories of reviews as py-fsrs 6.3.2 (MIT), the reference scheduler of FSRS-6, works them: golden figures for src/quiz/progress/memory.rs.

    pip install fsrs==6.3.2 && python memory.py > memory.json

Learning and relearning steps are off: days alone are scheduled. Fuzz is off: the same history gives the same day.
"""

import json
import random
from datetime import datetime, timedelta, timezone

from fsrs import Card, Rating, Scheduler

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
scheduler = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
chance = random.Random(6)
histories = []
for _ in range(40):
    card, at, steps = Card(), START, []
    for _ in range(10):
        rating = chance.choice([1, 2, 3, 3, 3, 4])
        before = scheduler.get_card_retrievability(card, at)
        card, _ = scheduler.review_card(card, Rating(rating), at)
        steps.append(
            {
                "day": (at - START).days,
                "rating": rating,
                "retrievability": before,
                "stability": card.stability,
                "difficulty": card.difficulty,
                "interval": (card.due - at).days,
            }
        )
        # Reviews early, late, on the day, and twice in one day.
        at += timedelta(days=chance.choice([0, 1, (card.due - at).days, (card.due - at).days, 2 * (card.due - at).days]))
    histories.append(steps)
print(json.dumps(histories))
