/** An instant as `<input type="datetime-local">` wants it: wall time in the browser's zone, to the second. */
export function localInputValue(at: number): string {
  const date = new Date(at)
  const wall = new Date(at - date.getTimezoneOffset() * 60_000)
  return wall.toISOString().slice(0, 19)
}
