-- Tables, strings, closures and floating point, as many rounds as the argument says.
local rounds = tonumber(arg[1])

local function queens(n)
  local columns, rising, falling, found = {}, {}, {}, 0
  local function place(row)
    if row > n then
      found = found + 1
      return
    end
    for column = 1, n do
      if not (columns[column] or rising[row + column] or falling[row - column + n]) then
        columns[column], rising[row + column], falling[row - column + n] = true, true, true
        place(row + 1)
        columns[column], rising[row + column], falling[row - column + n] = nil, nil, nil
      end
    end
  end
  place(1)
  return found
end

local function words(count)
  local seed, counts = 42, {}
  for i = 1, count do
    seed = seed * 16807 % 2147483647
    local word = string.format("w%x", math.floor(seed / 65536) % 5000)
    counts[word] = (counts[word] or 0) + 1
  end
  local names = {}
  for name in pairs(counts) do
    names[#names + 1] = name
  end
  table.sort(names, function(a, b)
    if counts[a] ~= counts[b] then return counts[a] > counts[b] end
    return a < b
  end)
  return table.concat(names, " ", 1, 20)
end

local Point = {}
Point.__index = Point
Point.__add = function(a, b) return Point.new(a.x + b.x, a.y + b.y) end

function Point.new(x, y)
  return setmetatable({x = x, y = y}, Point)
end

function Point:length()
  return math.sqrt(self.x * self.x + self.y * self.y)
end

local function walk(steps)
  local at, sum = Point.new(0, 0), 0
  for i = 1, steps do
    at = at + Point.new(i % 7 - 3, i % 5 - 2)
    sum = sum + at:length()
  end
  return string.format("%.6f", sum)
end

for _ = 1, rounds do
  print(queens(8), words(60000), walk(200000))
  local text = string.rep("the quick brown fox ", 2000)
  print(select(2, text:gsub("%w+", function(word) return word:reverse():upper() end)))
end
