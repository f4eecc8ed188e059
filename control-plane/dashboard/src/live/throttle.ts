/** Calls at once, then at most once per `ms`; a call that came in between is made at the end of it. */
export function throttle(call: () => void, ms: number): (() => void) & { cancel(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined
  let again = false
  const run = () => {
    again = false
    timer = setTimeout(() => {
      timer = undefined
      if (again) run()
    }, ms)
    call()
  }
  const throttled = () => {
    if (timer === undefined) run()
    else again = true
  }
  const cancel = () => {
    clearTimeout(timer)
    timer = undefined
    again = false
  }
  return Object.assign(throttled, { cancel })
}
