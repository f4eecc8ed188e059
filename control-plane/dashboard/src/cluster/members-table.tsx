import type { Cluster, ClusterMember } from '@cronclave/openapi'
import { ActionIcon, Tooltip } from '@mantine/core'
import { IconArrowBarUp, IconCrown, IconTrash } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { formatCount, formatDuration } from '../ui/format.ts'
import { StateBadge } from '../ui/state-badge.tsx'
import { Ago } from '../ui/time.tsx'
import { lagShare, sizeText } from './cluster-words.ts'
import { type Change, ConfirmChange } from './confirm-change.tsx'
import classes from './members-table.module.css'

/** The members: role, how far each has come, and buttons for those who may change them. */
export function MembersTable({ cluster, mayChange }: { cluster: Cluster; mayChange: boolean }) {
  const [change, setChange] = useState<Change | undefined>(undefined)
  return (
    <>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Member</th>
            <th scope="col">Role</th>
            <th scope="col">Term</th>
            <th scope="col">Applied</th>
            <th scope="col">Lag</th>
            <th scope="col">Last contact</th>
            <th scope="col">Database</th>
            <th scope="col">Leader changes</th>
            <th scope="col">Build</th>
            {mayChange && <th scope="col" aria-label="Actions" />}
          </tr>
        </thead>
        <tbody>
          {cluster.members.map((member) => (
            <Row key={member.id} member={member} answers={cluster.node === member.name}>
              {mayChange && <RowActions member={member} onChange={setChange} />}
            </Row>
          ))}
        </tbody>
      </table>
      <ConfirmChange change={change} onClose={() => setChange(undefined)} />
    </>
  )
}

function Row({ member, answers, children }: { member: ClusterMember; answers: boolean; children: ReactNode }) {
  const { name, id, address, status, lag, lastContactMs } = member
  return (
    <tr>
      <td data-label="Member">
        <div className={classes.who} title={`Id ${id}`}>
          <span className={classes.name}>
            {name}
            {answers && <span className="dim"> (answers)</span>}
          </span>
          <span className="dim mono">{address || 'not joined yet'}</span>
        </div>
      </td>
      <td data-label="Role">
        <Role member={member} />
      </td>
      <td data-label="Term" className="num">
        {status?.term ?? '–'}
      </td>
      <td data-label="Applied" className="num">
        {status?.applied.toLocaleString('en-GB') ?? '–'}
      </td>
      <td data-label="Lag">{lag === undefined ? <span className="dim">–</span> : <Lag entries={lag} />}</td>
      <td data-label="Last contact" className="num nowrap">
        {lastContactMs === undefined ? '–' : formatDuration(lastContactMs)}
      </td>
      <td data-label="Database" className="num nowrap">
        {status === undefined ? '–' : sizeText(status.databaseBytes)}
      </td>
      <td data-label="Leader changes" className="num">
        {status?.leaderChanges ?? '–'}
      </td>
      <td data-label="Build" className="num nowrap" title={status && `Time zones ${status.tzdata}`}>
        {status?.version ?? '–'}
      </td>
      {children}
    </tr>
  )
}

function Role({ member: { state, role, fault, joinBy, staysLearner } }: { member: ClusterMember }) {
  if (state === 'joining') {
    return (
      <div className={classes.who}>
        <StateBadge state="joining" />
        {joinBy !== undefined && (
          <span className="dim">
            token ends <Ago at={joinBy} />
          </span>
        )}
      </div>
    )
  }
  if (fault !== undefined) {
    return (
      <span title={fault}>
        <StateBadge state="unreachable" />
      </span>
    )
  }
  return (
    <span title={staysLearner ? 'It does not vote until it is promoted by hand' : undefined}>
      <StateBadge state={role} />
    </span>
  )
}

/** Entries that are missing, as a number and as a bar whose length grows with the number of digits. */
function Lag({ entries }: { entries: number }) {
  return (
    <span className={classes.lag} data-behind={entries > 1000}>
      <span className={classes.track} aria-hidden>
        <span style={{ width: `${lagShare(entries) * 100}%` }} />
      </span>
      <span className="num">{formatCount(entries)}</span>
    </span>
  )
}

function RowActions({ member, onChange }: { member: ClusterMember; onChange(change: Change): void }) {
  const { name, state, role, fault } = member
  const mayLead = state === 'voter' && role === 'follower' && fault === undefined
  return (
    <td className={classes.actions}>
      {state === 'learner' && (
        <RowAction
          label={`Promote ${name}`}
          tip="Let it vote"
          onClick={() => onChange({ do: 'promote', member: name })}
        >
          <IconArrowBarUp size={16} aria-hidden />
        </RowAction>
      )}
      {mayLead && (
        <RowAction
          label={`Hand leadership to ${name}`}
          tip="Hand leadership to it"
          onClick={() => onChange({ do: 'transfer', member: name })}
        >
          <IconCrown size={16} aria-hidden />
        </RowAction>
      )}
      <RowAction label={`Remove ${name}`} tip="Remove" onClick={() => onChange({ do: 'remove', member: name })}>
        <IconTrash size={16} aria-hidden />
      </RowAction>
    </td>
  )
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
