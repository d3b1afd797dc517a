-- @noindex
-- Text made to fit: in one line with an ellipsis, or in several; letters outside ASCII stay whole.

local ELLIPSIS = "…"

local lines = {}
local letters_of, letters_that_fit

-- The text in one line, without characters that no window shows.
function lines.plain(text)
  return (text:gsub("%c+", " "):gsub("^ +", ""):gsub(" +$", ""))
end

-- The text, or as much of its beginning as is at most `width` wide with an ellipsis; measure(text) -> width.
function lines.fitted(text, width, measure)
  if measure(text) <= width then return text end
  local letters = letters_of(text)
  local count = letters_that_fit(letters, 1, width - measure(ELLIPSIS), measure)
  return (table.concat(letters, "", 1, count):gsub(" +$", "")) .. ELLIPSIS
end

-- The text in lines of at most `width`, broken between words, or inside a word that is too long for a line.
function lines.wrapped(text, width, measure)
  local wrapped, line = {}, ""
  for word in text:gmatch("%S+") do
    local longer = line == "" and word or line .. " " .. word
    if measure(longer) <= width then
      line = longer
    else
      if line ~= "" then wrapped[#wrapped + 1] = line end
      line = word
      local letters, first = letters_of(word), 1
      while measure(line) > width do
        local last = first + math.max(1, letters_that_fit(letters, first, width, measure)) - 1
        if last >= #letters then break end
        wrapped[#wrapped + 1] = table.concat(letters, "", first, last)
        first = last + 1
        line = table.concat(letters, "", first)
      end
    end
  end
  if line ~= "" or #wrapped == 0 then wrapped[#wrapped + 1] = line end
  return wrapped
end

-- How many letters a text has; bytes where it is no UTF-8.
function lines.count(text)
  return utf8.len(text) or #text
end

function letters_of(text)
  local letters = {}
  for letter in text:gmatch(utf8.charpattern) do
    letters[#letters + 1] = letter
  end
  return letters
end

-- How many of the letters from `first` on fit, found by halving.
function letters_that_fit(letters, first, width, measure)
  local low, high = 0, #letters - first + 1
  while low < high do
    local middle = (low + high + 1) // 2
    if measure(table.concat(letters, "", first, first + middle - 1)) <= width then
      low = middle
    else
      high = middle - 1
    end
  end
  return low
end

return lines
