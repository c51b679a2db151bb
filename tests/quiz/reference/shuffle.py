"""The order that seed 2026 gives to ten things, by SplitMix64 and Fisher-Yates: an independent working of src/quiz/shuffle.rs."""

MASK = (1 << 64) - 1


def draws(state):
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        mixed = state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        yield mixed ^ (mixed >> 31)


def order(seed, count):
    things, source = list(range(count)), draws(seed)
    for last in range(count - 1, 0, -1):
        bound = last + 1
        fair = (1 << 64) - (1 << 64) % bound
        drawn = next(value for value in source if value < fair)
        other = drawn % bound
        things[last], things[other] = things[other], things[last]
    return things


print(order(2026, 10))
