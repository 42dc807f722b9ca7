-- SPDX-License-Identifier: Apache-2.0
-- What Lua programs do: arithmetic, tables, strings, closures. No jumps.
local function mandelbrot(size)
    local inside = 0
    for y = 0, size - 1 do
        for x = 0, size - 1 do
            local cr, ci = 2.0 * x / size - 1.5, 2.0 * y / size - 1.0
            local zr, zi, n = 0.0, 0.0, 0
            while n < 50 and zr * zr + zi * zi < 4.0 do
                zr, zi = zr * zr - zi * zi + cr, 2.0 * zr * zi + ci
                n = n + 1
            end
            if n == 50 then inside = inside + 1 end
        end
    end
    return inside
end

local function sort_and_join(count)
    local words, state = {}, 42
    for i = 1, count do
        state = (state * 1103515245 + 12345) % 2147483648
        words[i] = string.format("%08x", state)
    end
    table.sort(words)
    local text, hash = table.concat(words, " "), 0
    for word in text:gmatch("%x+") do
        hash = (hash * 31 + tonumber(word, 16)) % 4294967296
    end
    return hash
end

local function fib(n)
    if n < 2 then return n end
    return fib(n - 1) + fib(n - 2)
end

local function count_closures(count)
    local made = {}
    for i = 1, count do
        made[i] = function(x) return x + i end
    end
    local sum = 0
    for i = 1, count do
        sum = sum + made[i](i)
    end
    return sum
end

print(mandelbrot(90), sort_and_join(20000), fib(25), count_closures(40000))
