-- For wrk: sends the requests in a file, each once. A request has its length before it, in 8 digits.
local file = assert(io.open(os.getenv("DELIVERIES"), "rb"))
local threads = {}
local last

function setup(thread)
  table.insert(threads, thread)
end

function init()
  began = os.time()
end

function request()
  local length = file:read(8)
  if length then
    last = file:read(tonumber(length))
  else
    ended = ended or os.time()
    wrk.thread:stop()
  end
  return last
end

function done(summary, latency)
  local errors = summary.errors
  -- wrk itself waits for the end of its time.
  local ended = threads[1]:get("ended")
  local seconds = ended and ended - threads[1]:get("began") or summary.duration / 1e6
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "p50_ms": %f, "p99_ms": %f, "longest_ms": %f, "refused": %d, "failed": %d}\n',
    summary.requests, seconds, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    latency.max / 1000, errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
