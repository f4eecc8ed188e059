import type { AlertRule } from '@cronclave/openapi'
import { Button, Skeleton } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { ErrorNote } from '../ui/error-note.tsx'
import { formatCount } from '../ui/format.ts'
import { StateBadge } from '../ui/state-badge.tsx'
import { conditionWords, scopeWords } from './alert-words.ts'
import { type Of, useDeleteRule, useRules } from './alerts-api.ts'
import classes from './alerts.module.css'
import { ConfirmDelete } from './confirm-delete.tsx'
import { RuleForm } from './rule-form.tsx'

/** When somebody is told, of what, and by which channels. */
export default function RulesPage({ namespace, of }: { namespace: string; of: Of }) {
  const { data, error } = useRules(of)
  const [editing, setEditing] = useState<AlertRule | 'new' | undefined>(undefined)
  const [deleting, setDeleting] = useState<string | undefined>(undefined)
  const remove = useDeleteRule(of)
  return (
    <section className="card" aria-labelledby="rules-title">
      <div className="card-head">
        <h2 id="rules-title">Rules</h2>
        <Button
          className="push"
          size="xs"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => setEditing('new')}
        >
          New rule
        </Button>
      </div>
      {error !== null && (
        <div className="card-body">
          <ErrorNote error={error} />
        </div>
      )}
      {data === undefined && error === null && (
        <div className="card-body">
          <Skeleton height={60} />
        </div>
      )}
      {data?.items.length === 0 && <p className={classes.none}>There are no rules yet: nobody is told of anything.</p>}
      {data !== undefined && data.items.length > 0 && (
        <RulesTable rules={data.items} cluster={of === 'cluster'} onEdit={setEditing} onDelete={setDeleting} />
      )}
      <RuleForm namespace={namespace} of={of} rule={editing} onClose={() => setEditing(undefined)} />
      <ConfirmDelete
        name={deleting}
        text="What fires by this rule is closed, and nobody is told."
        error={remove.error}
        busy={remove.isPending}
        onDelete={(name) => remove.mutate(name, { onSuccess: () => setDeleting(undefined) })}
        onClose={() => {
          remove.reset()
          setDeleting(undefined)
        }}
      />
    </section>
  )
}

interface TableProps {
  rules: readonly AlertRule[]
  cluster: boolean
  onEdit(rule: AlertRule): void
  onDelete(name: string): void
}

function RulesTable({ rules, cluster, onEdit, onDelete }: TableProps) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Rule</th>
          <th scope="col">Fires when</th>
          <th scope="col">Watches</th>
          <th scope="col">Channels</th>
          <th scope="col">Now</th>
          <th scope="col">
            <span className="skip-heading">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rules.map((rule) => (
          <tr key={rule.uid}>
            <td data-label="Rule" className={classes.name}>
              {rule.name}
            </td>
            <td data-label="Fires when">{conditionWords(rule.condition)}</td>
            <td data-label="Watches">{scopeWords(rule.scope, cluster)}</td>
            <td data-label="Channels">
              {rule.channels.length === 0 ? <span className="dim">nobody is told</span> : rule.channels.join(', ')}
            </td>
            <td data-label="Now">
              <Now rule={rule} />
            </td>
            <td>
              <div className={classes.actions}>
                <Button size="xs" variant="default" aria-label={`Edit ${rule.name}`} onClick={() => onEdit(rule)}>
                  Edit
                </Button>
                <Button
                  size="xs"
                  variant="default"
                  aria-label={`Delete ${rule.name}`}
                  onClick={() => onDelete(rule.name)}
                >
                  Delete
                </Button>
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Now({ rule: { enabled, firing } }: { rule: AlertRule }) {
  if (!enabled) return <StateBadge state="paused" />
  if (firing === 0) return <span className="dim">–</span>
  return (
    <>
      <StateBadge state="firing" /> {firing > 1 && <span className="num">{formatCount(firing)}</span>}
    </>
  )
}
