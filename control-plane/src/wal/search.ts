/** Position of the last element whose index is at or below `index`, in a list that ascends by it; −1 for none. */
export function lastAtOrBelow(list: readonly { index: number }[], index: number): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (list[middle]!.index <= index) low = middle + 1
    else high = middle
  }
  return low - 1
}
