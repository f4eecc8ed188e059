import { Link } from '@tanstack/react-router'
import { formatCount } from '../ui/format.ts'
import { stateWord } from '../ui/state-badge.tsx'
import { type Cell, cellName, type Cells, isActive, isHit, keyOf, type Peeked } from './map-words.ts'
import classes from './slot-cells.module.css'
import type { MapProps } from './slot-map.tsx'

interface Props extends MapProps, Cells {
  label: string
  where: { namespace: string; executor?: string }
  first: string | undefined
  /** There is always room for one more. */
  unlimited?: boolean
}

/** The squares of one executor or of one queue: each run is a link to its page, and says more when pointed at. */
export function SlotCells({ cells, more, label, unlimited = false, ...props }: Props) {
  // Slots without runs have no names to show.
  const roomy = props.roomy && cells.some(({ kind }) => kind === 'run')
  return (
    <ul className={classes.cells} aria-label={label} data-roomy={roomy || undefined}>
      {cells.map((cell, i) => (
        <li key={cell.kind === 'run' ? keyOf(cell.run) : `${cell.kind} ${i}`}>
          <Square cell={cell} {...props} />
        </li>
      ))}
      {unlimited && (
        <li className={classes.word} title="No limit">
          ∞
        </li>
      )}
      {more > 0 && <li className={classes.word}>+{formatCount(more)}</li>}
    </ul>
  )
}

function Square({
  cell,
  filter,
  roomy,
  where,
  peeked,
  first,
  onPeek,
}: { cell: Cell } & Omit<Props, 'label' | keyof Cells>) {
  if (cell.kind !== 'run') {
    const searched = isActive(filter)
    return (
      <span
        className={classes.cell}
        data-map-state={cell.kind}
        data-miss={searched || undefined}
        title={cell.kind === 'free' ? 'Idle' : 'Busy'}
      />
    )
  }
  const { run } = cell
  const key = keyOf(run)
  const chosen: Peeked = { run, ...where }
  const searched = isActive(filter)
  const hit = isHit(run, filter)
  const current = peeked !== undefined && keyOf(peeked.run) === key
  return (
    <Link
      to="/n/$ns/runs/$run"
      params={{ ns: where.namespace, run: run.run }}
      className={classes.cell}
      data-cell={key}
      data-map-state={run.state}
      data-hit={(searched && hit) || undefined}
      data-miss={(searched && !hit) || undefined}
      data-current={current || undefined}
      tabIndex={current || first === key ? 0 : -1}
      aria-label={cellName(run, stateWord(run.state))}
      onMouseEnter={() => onPeek(chosen)}
      onFocus={() => onPeek(chosen)}
    >
      {roomy && <span className={classes.job}>{run.job}</span>}
    </Link>
  )
}
