import type { JobMap, MapExecutor, MapNamespace, MapService } from '@cronclave/openapi'
import type { KeyboardEvent } from 'react'
import { formatCount } from '../ui/format.ts'
import { StateBadge } from '../ui/state-badge.tsx'
import { moveFocus } from './move-focus.ts'
import { cellsOf, cellsPerLine, type Filter, keyOf, type Peeked, slotWords } from './map-words.ts'
import { SlotCells } from './slot-cells.tsx'
import classes from './slot-map.module.css'

export interface MapProps {
  filter: Filter
  /** Whether squares have room for names. */
  roomy: boolean
  peeked: Peeked | undefined
  onPeek(peeked: Peeked | undefined): void
}

/** Namespaces, their services, and the executors of each with a square for every slot. Arrow keys go from run to run. */
export function SlotMap({ map, ...props }: MapProps & { map: JobMap }) {
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (moveFocus(event.currentTarget, event.key)) event.preventDefault()
  }
  const first = firstRun(map)
  const most = cellsPerLine(map)
  const several = map.namespaces.length > 1
  return (
    <div className={classes.map} onKeyDown={onKeyDown}>
      {map.namespaces.map((namespace) => (
        <section key={namespace.name} aria-label={`Namespace ${namespace.name}`}>
          {several && (
            <h2 className={classes.namespace}>
              {namespace.name} <span className="dim num">{slotWords(namespace.slots)}</span>
            </h2>
          )}
          {namespace.services.length === 0 && <p className={classes.none}>No services and no runs.</p>}
          {namespace.services.map((service) => (
            <Service
              key={service.name ?? '-'}
              namespace={namespace}
              service={service}
              most={most}
              first={props.peeked === undefined ? first : undefined}
              {...props}
            />
          ))}
        </section>
      ))}
    </div>
  )
}

interface ServiceProps extends MapProps {
  namespace: MapNamespace
  service: MapService
  /** The square that Tab leads to while none is chosen. */
  first: string | undefined
  /** Squares of a line. */
  most: number
}

function Service({ namespace, service, most, ...props }: ServiceProps) {
  const name = service.name ?? 'Targets with a URL of their own'
  const waiting = cellsOf(service, most)
  return (
    <section className={classes.service} aria-label={name}>
      <h3 className={classes.name}>
        {name}{' '}
        <span className="dim num">
          {slotWords(service.slots)}
          {service.waiting > 0 && `, ${formatCount(service.waiting)} waiting`}
        </span>
      </h3>
      {service.executors.length === 0 && service.waiting === 0 && <p className={classes.none}>No executors.</p>}
      {service.executors.map((executor) => (
        <div key={executor.id} className={classes.line} data-status={executor.status}>
          <ExecutorName executor={executor} />
          <SlotCells
            {...cellsOf({ ...executor, free: executor.slots.free ?? 0 }, most)}
            label={`Slots of ${executorWord(executor.id)}`}
            unlimited={executor.slots.slots === 0}
            where={{ namespace: namespace.name, executor: executor.id }}
            {...props}
          />
        </div>
      ))}
      {service.moreExecutors > 0 && (
        <p className={classes.none}>{formatCount(service.moreExecutors)} more executors are not shown.</p>
      )}
      {service.waiting > 0 && (
        <div className={classes.line}>
          <div className={classes.executor}>
            <StateBadge state="waiting" />
          </div>
          <SlotCells {...waiting} label={`Waiting for ${name}`} where={{ namespace: namespace.name }} {...props} />
        </div>
      )}
    </section>
  )
}

function ExecutorName({ executor: { id, status, openUntil, health, slots } }: { executor: MapExecutor }) {
  return (
    <div className={classes.executor}>
      <span className={classes.id}>{executorWord(id)}</span>
      <span className="dim num">{slotWords(slots)}</span>
      {status !== 'online' && <StateBadge state={status} />}
      {openUntil !== undefined && <StateBadge state="breaker-open" />}
      {health !== undefined && <StateBadge state={health} />}
    </div>
  )
}

function executorWord(id: string): string {
  return id === '-' ? 'their own URL' : id
}

function firstRun({ namespaces }: JobMap): string | undefined {
  for (const { services } of namespaces)
    for (const { executors, runs } of services) {
      const run = executors.flatMap((executor) => executor.runs)[0] ?? runs[0]
      if (run) return keyOf(run)
    }
  return undefined
}
