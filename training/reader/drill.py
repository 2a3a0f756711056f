"""Drills on random tokens: looking something up and copying it, before any word means anything."""

import random

from training.reader.packing import Pack, pack_questions

FIRST = 260  # below lie special tokens and single bytes
AFTER, BEFORE, WHOLE, SEPARATOR, ASK = range(2, 7)


def drill(rng: random.Random, vocabulary: int, end: int, longest: int = 160, questions: int = 14) -> Pack:
    """Return a pack: segments of random tokens, and questions to continue, precede or copy one of them."""
    pool = rng.sample(range(FIRST, vocabulary), rng.randint(40, 400))
    segments: list[list[int]] = []
    while sum(map(len, segments)) < longest * rng.uniform(0.4, 1):
        segments.append([rng.choice(pool) for _ in range(rng.choice((1, 2, 2, 3, 3, 4, 5, 6, 9, 14)))])
    evidence = [token for segment in segments for token in (*segment, SEPARATOR)]
    seen = {token: evidence.count(token) for token in set(evidence)}
    asked: list[tuple[list[int], list[int]]] = []
    for _ in range(questions * 3):
        segment = rng.choice(segments)
        place = rng.randrange(len(segment))
        if seen[segment[place]] > 1 or len(asked) == questions:
            continue
        task = rng.choice((AFTER, AFTER, BEFORE, WHOLE))
        if task == AFTER and place + 1 < len(segment):
            answer = segment[place + 1 :]
        elif task == BEFORE and place > 0:
            answer = [segment[place - 1]]
        else:
            task, answer = WHOLE, segment
        asked.append(([task, segment[place], ASK], answer))
    return pack_questions(evidence, asked, end)
