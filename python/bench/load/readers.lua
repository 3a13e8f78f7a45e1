-- For wrk: asks a question again and again, each thread for itself, and waits as `Retry-After` says if it is refused.
local pause = 0

function delay()
  local now = pause
  pause = 0
  return now
end

function response(status, headers)
  if status == 429 then
    pause = 1000 * tonumber(headers["Retry-After"] or headers["retry-after"] or 1)
  end
end

function done(summary)
  io.write(string.format('\n{"answers": %d, "seconds": %f}\n', summary.requests - summary.errors.status, summary.duration / 1e6))
end
