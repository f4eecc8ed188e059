import type { Run, Shard, ShardCounts } from '@cronclave/openapi'
import { Button, NativeSelect, Skeleton } from '@mantine/core'
import { useState } from 'react'
import { useShardPages } from '../api/pages.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { formatCount } from '../ui/format.ts'
import { StateBadge, stateWord } from '../ui/state-badge.tsx'
import { Ago } from '../ui/time.tsx'
import { itemsWords, SHARD_STATES, shardsWords } from './shard-words.ts'
import classes from './shards-card.module.css'

const PAGE = 50

/** The parts of a run that was split: what each works on, where, and how it ended. */
export function ShardsCard({ run, counts }: { run: Run; counts: ShardCounts }) {
  const [state, setState] = useState<Shard['state'] | ''>('')
  const shards = useShardPages(run.namespace, run.id, { limit: PAGE, ...(state === '' ? {} : { state: [state] }) })
  const items = shards.data?.pages.flatMap((page) => page.items)
  return (
    <section className="card" aria-labelledby="shards-title">
      <div className="card-head">
        <h2 id="shards-title">Shards</h2>
        <span className="dim num">{shardsWords(counts)}</span>
        <NativeSelect
          className="push"
          size="xs"
          aria-label="State of the shards"
          value={state}
          onChange={(event) => setState(event.currentTarget.value as Shard['state'] | '')}
          data={[
            { value: '', label: 'All states' },
            ...SHARD_STATES.map((value) => ({ value, label: `${stateWord(value)} (${counts[value]})` })),
          ]}
        />
      </div>
      <Bar counts={counts} />
      {shards.error !== null && (
        <div className="card-body">
          <ErrorNote error={shards.error} />
        </div>
      )}
      {items === undefined && shards.error === null && (
        <div className="card-body">
          <Skeleton height={80} />
        </div>
      )}
      {items?.length === 0 && <p className={classes.none}>No shard is in this state.</p>}
      {items !== undefined && items.length > 0 && <ShardTable shards={items} />}
      {shards.hasNextPage && (
        <div className={classes.more}>
          <Button
            size="xs"
            variant="default"
            loading={shards.isFetchingNextPage}
            onClick={() => void shards.fetchNextPage()}
          >
            Show more
          </Button>
        </div>
      )}
    </section>
  )
}

function ShardTable({ shards }: { shards: readonly Shard[] }) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Shard</th>
          <th scope="col">State</th>
          <th scope="col">Works on</th>
          <th scope="col">Executor</th>
          <th scope="col">Attempts</th>
        </tr>
      </thead>
      <tbody>
        {shards.map((shard) => (
          <tr key={shard.index}>
            <td data-label="Shard" className="num">
              {shard.index}
            </td>
            <td data-label="State">
              <div>
                <StateBadge state={shard.outcome ?? shard.state} />
                {shard.retryAt !== undefined && (
                  <span className="dim">
                    {' '}
                    again <Ago at={shard.retryAt} />
                  </span>
                )}
                {shard.error !== undefined && (
                  <span className={classes.error}>
                    {shard.error.message} <code>{shard.error.code}</code>
                  </span>
                )}
              </div>
            </td>
            <td data-label="Works on" className={classes.items} title={(shard.items ?? []).slice(0, 200).join(', ')}>
              {shard.items === undefined ? <span className="dim">everything</span> : itemsWords(shard.items)}
            </td>
            <td data-label="Executor">
              {shard.executor ?? <span className="dim">–</span>}
              {shard.bound !== undefined && <span className="dim"> only</span>}
            </td>
            <td data-label="Attempts" className="num">
              {formatCount(shard.attempts)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** How the parts stand, as one bar; the words beside it say the same. */
function Bar({ counts }: { counts: ShardCounts }) {
  return (
    <div className={classes.bar} aria-hidden>
      {SHARD_STATES.filter((state) => counts[state] > 0).map((state) => (
        <span key={state} data-shard-state={state} style={{ flexGrow: counts[state] }} />
      ))}
    </div>
  )
}
