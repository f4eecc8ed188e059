import type { MapState } from '@cronclave/openapi'
import { NativeSelect, Skeleton, Switch, TextInput } from '@mantine/core'
import { useDebouncedValue, useDocumentTitle } from '@mantine/hooks'
import { IconSearch, IconTag } from '@tabler/icons-react'
import { keepPreviousData } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { api } from '../api/client.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { formatCount } from '../ui/format.ts'
import { stateWord } from '../ui/state-badge.tsx'
import classes from './job-map-page.module.css'
import { countHits, figures, findAgain, isActive, isRoomy, MAP_STATES, type Peeked } from './map-words.ts'
import { QueuesCard } from './queues-card.tsx'
import { RunPeek } from './run-peek.tsx'
import squares from './slot-cells.module.css'
import { SlotMap } from './slot-map.tsx'

/** How often the map is read again where no event tells of a change, in milliseconds. */
const REFRESH_MS = 5_000

/** The slots of every executor, what runs in them and what waits for them. */
export default function JobMapPage({ namespace }: { namespace: string }) {
  useDocumentTitle(`Job map of ${namespace} · Cronclave`)
  const [job, setJob] = useState('')
  const [typedLabel, setTypedLabel] = useState('')
  const [label] = useDebouncedValue(typedLabel.trim(), 300)
  const [state, setState] = useState<MapState | ''>('')
  const [everywhere, setEverywhere] = useState(false)
  const [peeked, setPeeked] = useState<Peeked | undefined>(undefined)
  const query = { ...(everywhere ? {} : { namespace }), ...(label === '' ? {} : { label: [label] }) }
  const { data: map, error } = api.useQuery(
    'get',
    '/v1/job-map',
    { params: { query } },
    { placeholderData: keepPreviousData, refetchInterval: REFRESH_MS },
  )
  const filter = useMemo(() => ({ job: job.trim(), state }), [job, state])
  const shown = useMemo(() => peeked && map && findAgain(map, peeked), [map, peeked])
  const searched = isActive(filter) || label !== ''
  return (
    <div className={classes.layout}>
      <section className={`card ${classes.map}`} aria-labelledby="map-title">
        <div className="card-head">
          <h1 id="map-title">Job map</h1>
          <div className={`push ${classes.filters}`}>
            <TextInput
              size="xs"
              type="search"
              aria-label="Job, part of its name"
              placeholder="Job"
              leftSection={<IconSearch size={14} aria-hidden />}
              value={job}
              maxLength={100}
              onChange={(event) => setJob(event.currentTarget.value)}
            />
            <TextInput
              size="xs"
              type="search"
              aria-label="Label of the job, key or key=value"
              placeholder="Label, key=value"
              leftSection={<IconTag size={14} aria-hidden />}
              value={typedLabel}
              maxLength={300}
              onChange={(event) => setTypedLabel(event.currentTarget.value)}
            />
            <NativeSelect
              size="xs"
              aria-label="State"
              value={state}
              onChange={(event) => setState(event.currentTarget.value as MapState | '')}
              data={[
                { value: '', label: 'All states' },
                ...MAP_STATES.map((value) => ({ value, label: stateWord(value) })),
              ]}
            />
            <Switch
              size="xs"
              label="All namespaces"
              checked={everywhere}
              onChange={(event) => setEverywhere(event.currentTarget.checked)}
            />
          </div>
        </div>
        {map !== undefined && (
          <div className={classes.head}>
            <dl className={classes.figures}>
              {figures(map).map(({ name, value, share }) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd className="num">
                    {value} {share !== undefined && <span className="dim">{share}</span>}
                  </dd>
                </div>
              ))}
            </dl>
            <p className={classes.hits} role="status">
              {searched && `${formatCount(countHits(map, filter))} found`}
            </p>
            <Legend />
          </div>
        )}
        {error !== null && (
          <div className="card-body">
            <ErrorNote error={error} />
          </div>
        )}
        {map === undefined && error === null && (
          <div className="card-body">
            <Skeleton height={240} />
          </div>
        )}
        {map !== undefined && (
          <SlotMap map={map} filter={filter} roomy={isRoomy(map)} peeked={shown} onPeek={setPeeked} />
        )}
        {map !== undefined && map.more > 0 && (
          <p className={classes.more}>{formatCount(map.more)} more runs are counted and not shown one by one.</p>
        )}
      </section>
      <div className={classes.side}>
        <RunPeek peeked={shown ?? peeked} gone={shown === undefined} />
        <QueuesCard />
      </div>
    </div>
  )
}

function Legend() {
  return (
    <ul className={classes.legend} aria-label="What the squares mean">
      {MAP_STATES.map((state) => (
        <li key={state}>
          <span className={`${squares.cell} ${classes.mark}`} data-map-state={state} aria-hidden /> {stateWord(state)}
        </li>
      ))}
      <li>
        <span className={`${squares.cell} ${classes.mark}`} data-map-state="free" aria-hidden /> Idle
      </li>
    </ul>
  )
}
