"""Everyday Python: classes, dictionaries, comprehensions, generators, strings, big integers."""

import collections
import heapq
import json
import re


class Node:
    __slots__ = ("key", "left", "right")

    def __init__(self, key):
        self.key = key
        self.left = None
        self.right = None


def tree(count):
    root = Node(count // 2)
    state = 1
    for _ in range(count):
        state = state * 1103515245 + 12345 & 0x7FFFFFFF
        at = root
        while True:
            if state < at.key:
                if at.left is None:
                    at.left = Node(state)
                    break
                at = at.left
            else:
                if at.right is None:
                    at.right = Node(state)
                    break
                at = at.right

    def walk(node):
        if node is not None:
            yield from walk(node.left)
            yield node.key
            yield from walk(node.right)

    return sum(key * index for index, key in enumerate(walk(root)))


def words(count):
    state, text = 7, []
    for _ in range(count):
        state = state * 69069 + 1 & 0xFFFFFFFF
        text.append("".join("abcdefghij"[int(digit)] for digit in str(state >> 16)))
    found = collections.Counter(re.findall(r"[a-c]+[d-f]", " ".join(text)))
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))[:10]


def shortest_path(side):
    weights = [[(x * 7 + y * 13) % 10 + 1 for x in range(side)] for y in range(side)]
    distances = {(0, 0): 0}
    queue = [(0, 0, 0)]
    while queue:
        distance, x, y = heapq.heappop(queue)
        if distance > distances[x, y]:
            continue
        for nx, ny in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
            if 0 <= nx < side and 0 <= ny < side:
                next_distance = distance + weights[ny][nx]
                if next_distance < distances.get((nx, ny), 1 << 30):
                    distances[nx, ny] = next_distance
                    heapq.heappush(queue, (next_distance, nx, ny))
    return distances[side - 1, side - 1]


print(tree(70000))
print(words(110000))
print(shortest_path(220))
print(len(str(3**40000 // 7**18000)))
data = [{"id": i, "name": f"n{i}", "values": [i * k * 0.5 for k in range(8)]} for i in range(13000)]
print(sum(item["values"][3] for item in json.loads(json.dumps(data))))
