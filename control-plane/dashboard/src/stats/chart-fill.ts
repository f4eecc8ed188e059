import type { EndedState } from '../live/live-runs.ts'

const TONES: Record<EndedState, string> = {
  succeeded: '--ok-mark',
  failed: '--bad-mark',
  'timed-out': '--slow-mark',
  lost: '--lost-mark',
  cancelled: '--wait-mark',
  skipped: '--skip-mark',
}

const HATCHED: ReadonlySet<EndedState> = new Set(['failed', 'timed-out', 'lost'])
const TILE = 6

/** The colour of a state; hatched for those that need attention, so that colour is not the only sign. */
export function fillOf(state: EndedState, style: CSSStyleDeclaration): CanvasPattern | string {
  const colour = style.getPropertyValue(TONES[state]).trim()
  return HATCHED.has(state) ? (hatch(colour, state === 'failed' ? 0.35 : 0.6) ?? colour) : colour
}

function hatch(colour: string, strength: number): CanvasPattern | undefined {
  const scale = devicePixelRatio
  const tile = document.createElement('canvas')
  tile.width = tile.height = TILE * scale
  const context = tile.getContext('2d')
  if (context === null) return undefined
  context.scale(scale, scale)
  context.fillStyle = colour
  context.fillRect(0, 0, TILE, TILE)
  context.strokeStyle = `rgb(255 255 255 / ${strength})`
  context.lineWidth = 1.4
  for (const shift of [-TILE, 0, TILE]) {
    context.beginPath()
    context.moveTo(shift, TILE)
    context.lineTo(shift + TILE, 0)
    context.stroke()
  }
  return context.createPattern(tile, 'repeat') ?? undefined
}
