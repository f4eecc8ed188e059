import type { Sink } from '@cronclave/openapi'
import { ActionIcon, Tooltip } from '@mantine/core'
import {
  IconChecks,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlugConnected,
  IconTrash,
} from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api } from '../api/client.ts'
import { formatCount } from '../ui/format.ts'
import { notifyError } from '../ui/notify.ts'
import { StateBadge } from '../ui/state-badge.tsx'
import { Ago } from '../ui/time.tsx'
import { backfillShare, lagWords, newestGaps, placeOf } from './sink-words.ts'
import type { SinkAction } from './sinks-page.tsx'
import classes from './sinks-table.module.css'

/** Gaps that are told one by one. */
const GAPS_SHOWN = 5

interface Props {
  sinks: readonly Sink[]
  mayChange: boolean
  onAction(action: SinkAction): void
}

/** The sinks: where they are, how far, how fast, and what is wrong. */
export function SinksTable({ sinks, mayChange, onAction }: Props) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Sink</th>
          <th scope="col">State</th>
          <th scope="col">Lag</th>
          <th scope="col">Rate</th>
          <th scope="col">Delivered</th>
          <th scope="col">Missing</th>
          {mayChange && <th scope="col" aria-label="Actions" />}
        </tr>
      </thead>
      <tbody>
        {sinks.map((sink) => (
          <Row key={sink.name} sink={sink}>
            {mayChange && <RowActions sink={sink} onAction={onAction} />}
          </Row>
        ))}
      </tbody>
    </table>
  )
}

function Row({ sink, children }: { sink: Sink; children: ReactNode }) {
  const { name, state, trouble, lastTrouble, delivery, rows, origin } = sink
  return (
    <tr>
      <td data-label="Sink">
        <div className={classes.lines}>
          <span>
            <strong className={classes.name}>{name}</strong>
            {origin === 'file' && <span className="dim"> (configuration file)</span>}
          </span>
          <span className="dim mono">{placeOf(sink)}</span>
        </div>
      </td>
      <td data-label="State">
        <div className={classes.lines}>
          <StateBadge state={state} />
          {trouble !== undefined && (
            <span className={classes.trouble}>
              {trouble.error}, <Ago at={trouble.since} />
            </span>
          )}
          {trouble === undefined && lastTrouble !== undefined && (
            <span className="dim">
              last error: {lastTrouble.error}, over <Ago at={lastTrouble.until} />
            </span>
          )}
        </div>
      </td>
      <td data-label="Lag">
        <Lag sink={sink} />
      </td>
      <td data-label="Rate" className="num nowrap">
        {delivery === undefined ? '–' : `${formatCount(Math.round(delivery.rowsPerSecond))} rows/s`}
      </td>
      <td data-label="Delivered" className="num nowrap">
        {formatCount(rows)} rows
      </td>
      <td data-label="Missing">
        <Gaps sink={sink} />
      </td>
      {children}
    </tr>
  )
}

/** While old rows are given to it, how many of them; then how far it is behind. */
function Lag({ sink: { name, delivery } }: { sink: Sink }) {
  const share = backfillShare(delivery)
  if (share === undefined) return <span className="num">{lagWords(delivery)}</span>
  const { done = 0, total = 0 } = delivery?.backfill ?? {}
  return (
    <div className={classes.lines}>
      <span
        className={classes.track}
        role="progressbar"
        aria-label={`Back-fill of ${name}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.floor(share * 100)}
      >
        <span style={{ width: `${share * 100}%` }} />
      </span>
      <span className="num dim">
        {formatCount(done)} of {formatCount(total)} older rows
      </span>
    </div>
  )
}

function Gaps({ sink: { gaps, gapRows } }: { sink: Sink }) {
  if (gaps.length === 0) return <span className="dim">none</span>
  const [newest] = newestGaps(gaps, 1)
  return (
    <Tooltip
      multiline
      maw={360}
      label={newestGaps(gaps, GAPS_SHOWN)
        .map(({ from, to, count }) => `${from.index}/${from.ordinal} to ${to.index}/${to.ordinal}: ${count} rows`)
        .join('; ')}
      events={{ hover: true, focus: true, touch: true }}
    >
      <div className={classes.lines} tabIndex={0}>
        <span className={`num ${classes.missing}`}>{formatCount(gapRows)} rows</span>
        <span className="dim">
          {gaps.length} {gaps.length === 1 ? 'gap' : 'gaps'}
          {newest !== undefined && (
            <>
              , <Ago at={newest.at} />
            </>
          )}
        </span>
      </div>
    </Tooltip>
  )
}

function RowActions({ sink, onAction }: { sink: Sink; onAction(action: SinkAction): void }) {
  const { name, state } = sink
  return (
    <td className={classes.actions}>
      <RowAction label={`Test ${name}`} tip="Try the connection" onClick={() => onAction({ do: 'test', sink })}>
        <IconPlugConnected size={16} aria-hidden />
      </RowAction>
      <RowAction
        label={`Compare ${name}`}
        tip="Compare with the ledger"
        onClick={() => onAction({ do: 'verify', sink })}
      >
        <IconChecks size={16} aria-hidden />
      </RowAction>
      {state === 'paused' ? <Resume name={name} /> : <Pause name={name} />}
      <RowAction label={`Edit ${name}`} tip="Edit" onClick={() => onAction({ do: 'edit', sink })}>
        <IconPencil size={16} aria-hidden />
      </RowAction>
      <RowAction label={`Remove ${name}`} tip="Remove" onClick={() => onAction({ do: 'remove', sink })}>
        <IconTrash size={16} aria-hidden />
      </RowAction>
    </td>
  )
}

function Pause({ name }: { name: string }) {
  const pause = api.useMutation('post', '/v1/sinks/{sink}/pause', useAfterChange())
  return (
    <RowAction
      label={`Pause ${name}`}
      tip="Deliver nothing until it is resumed"
      onClick={() => pause.mutate({ params: { path: { sink: name } } })}
    >
      <IconPlayerPause size={16} aria-hidden />
    </RowAction>
  )
}

function Resume({ name }: { name: string }) {
  const resume = api.useMutation('post', '/v1/sinks/{sink}/resume', useAfterChange())
  return (
    <RowAction
      label={`Resume ${name}`}
      tip="Deliver again, from where it was"
      onClick={() => resume.mutate({ params: { path: { sink: name } } })}
    >
      <IconPlayerPlay size={16} aria-hidden />
    </RowAction>
  )
}

function useAfterChange() {
  const queries = useQueryClient()
  return { onError: notifyError, onSettled: () => queries.invalidateQueries({ queryKey: ['get', '/v1/sinks'] }) }
}

function RowAction({
  label,
  tip,
  onClick,
  children,
}: {
  label: string
  tip: string
  onClick(): void
  children: ReactNode
}) {
  return (
    <Tooltip label={tip}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  )
}
