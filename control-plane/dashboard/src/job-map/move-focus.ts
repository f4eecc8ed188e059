/** Moves the focus between the runs of the map: sideways in reading order, up and down to the nearest in that direction. */
export function moveFocus(map: HTMLElement, key: string): boolean {
  const cells = [...map.querySelectorAll<HTMLElement>('[data-cell]')]
  const at = cells.indexOf(document.activeElement as HTMLElement)
  const here = cells[at]
  const next = here && target(cells, at, here, key)
  if (!next) return false
  next.focus()
  return true
}

function target(cells: HTMLElement[], at: number, here: HTMLElement, key: string): HTMLElement | undefined {
  switch (key) {
    case 'ArrowRight':
      return cells[at + 1]
    case 'ArrowLeft':
      return cells[at - 1]
    case 'Home':
      return cells[0]
    case 'End':
      return cells.at(-1)
    case 'ArrowDown':
    case 'ArrowUp':
      return nearest(cells, here, key === 'ArrowDown' ? 1 : -1)
    default:
      return undefined
  }
}

function nearest(cells: HTMLElement[], here: HTMLElement, direction: 1 | -1): HTMLElement | undefined {
  const from = here.getBoundingClientRect()
  let best: { cell: HTMLElement; distance: number } | undefined
  for (const cell of cells) {
    const to = cell.getBoundingClientRect()
    const down = (to.top - from.top) * direction
    // A line further costs more than any way along a line.
    const distance = down * 100 + Math.abs(to.left - from.left)
    if (down > 2 && (best === undefined || distance < best.distance)) best = { cell, distance }
  }
  return best?.cell
}
