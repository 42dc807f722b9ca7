-- SPDX-License-Identifier: Apache-2.0
-- A bit of everything a Lua program does: tables, strings, closures, coroutines, errors,
-- floating point, collection of garbage, files.
local seed = 12345
local function random(n)
  seed = (seed * 1103515245 + 12345) % 2147483648
  return seed % n
end

local words = {}
for i = 1, 400 do
  local letters = {}
  for k = 1, 3 + random(6) do letters[k] = string.char(97 + random(26)) end
  words[i] = table.concat(letters)
end
table.sort(words)
print("words", #words, words[1], words[#words])

local counts = {}
for _, word in ipairs(words) do
  for letter in word:gmatch(".") do counts[letter] = (counts[letter] or 0) + 1 end
end
local letters = {}
for letter, n in pairs(counts) do letters[#letters + 1] = letter .. "=" .. n end
table.sort(letters)
print(table.concat(letters, " "))

local function walk(n)
  return coroutine.wrap(function()
    for i = 1, n do coroutine.yield(i, i * i) end
  end)
end
local total = 0
for _, square in walk(300) do total = total + square end
print("squares", total)

local file = assert(io.open("lines.txt", "w"))
for i = 1, 200 do
  file:write(string.format("%d %.6f %s\n", i, math.sin(i) / i, words[i]))
  if i % 50 == 0 then collectgarbage() end
end
file:close()
local sum, size = 0.0, 0
for line in io.lines("lines.txt") do
  local number = line:match("^%d+ (%S+)")
  sum = sum + tonumber(number)
  size = size + #line
end
print(string.format("lines %d %.9f", size, sum))

local caught = 0
for i = 1, 50 do
  local ok, message = pcall(function()
    if i % 3 == 0 then error({ code = i }) end
    return i // (i % 5 == 0 and 0 or 1)
  end)
  if not ok then caught = caught + (type(message) == "table" and message.code or 1) end
end
print("caught", caught)

local function queens(n, row, columns, rising, falling)
  if row > n then return 1 end
  local found = 0
  for c = 1, n do
    if not (columns[c] or rising[row + c] or falling[row - c]) then
      columns[c], rising[row + c], falling[row - c] = true, true, true
      found = found + queens(n, row + 1, columns, rising, falling)
      columns[c], rising[row + c], falling[row - c] = nil, nil, nil
    end
  end
  return found
end
print("queens", queens(6, 1, {}, {}, {}))
