import type { Alert, AlertMessage } from '@cronclave/openapi'
import { Button, Skeleton } from '@mantine/core'
import { IconBellOff } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { ErrorNote } from '../ui/error-note.tsx'
import { Facts } from '../ui/facts.tsx'
import { formatCount } from '../ui/format.ts'
import { StateBadge } from '../ui/state-badge.tsx'
import { ExactTime, Took } from '../ui/time.tsx'
import { subjectWords } from './alert-words.ts'
import { type Of, useAlert } from './alerts-api.ts'
import classes from './alerts.module.css'
import { MessagesTable } from './messages-table.tsx'
import { SilenceForm } from './silence-form.tsx'

/** One alert: what happened, to whom, since when, and who was told. */
export default function AlertPage({ namespace, of, id }: { namespace: string; of: Of; id: string }) {
  const { data, error } = useAlert(of, id)
  const [silencing, setSilencing] = useState(false)
  if (data === undefined) return error === null ? <Skeleton height={240} /> : <ErrorNote error={error} />
  const { alert, messages } = data
  return (
    <div className={classes.layout}>
      <section className="card" aria-labelledby="alert-title">
        <div className="card-head">
          <h2 id="alert-title">{subjectWords(alert.subject)}</h2>
          <StateBadge state={alert.state} />
          {alert.state === 'firing' && (
            <Button
              className="push"
              size="xs"
              variant="default"
              leftSection={<IconBellOff size={14} aria-hidden />}
              onClick={() => setSilencing(true)}
            >
              Silence
            </Button>
          )}
        </div>
        <div className="card-body">
          <p className={classes.summary}>{alert.summary}</p>
        </div>
        <Told messages={messages} silenced={alert.silence !== undefined && alert.toldAt === undefined} />
      </section>
      <AlertFacts namespace={namespace} alert={alert} />
      <SilenceForm of={of} opened={silencing} first={matchOf(alert)} onClose={() => setSilencing(false)} />
    </div>
  )
}

function Told({ messages, silenced }: { messages: readonly AlertMessage[]; silenced: boolean }) {
  if (messages.length > 0) return <MessagesTable messages={messages} withChannel />
  return (
    <p className={classes.none}>
      {silenced ? 'Nobody was told: it began under a silence.' : 'No channel was told of it alone.'}
    </p>
  )
}

function matchOf({ rule, subject }: Alert): Record<string, string> {
  return { rule, ...(subject.kind === 'job' ? { job: subject.name } : {}) }
}

function AlertFacts({ namespace, alert }: { namespace: string; alert: Alert }) {
  const { subject } = alert
  const where = subject.namespace ?? alert.namespace ?? namespace
  const run = (id: string | undefined) =>
    id === undefined ? undefined : (
      <Link className={classes.link} to="/n/$ns/runs/$run" params={{ ns: where, run: id }}>
        {id}
      </Link>
    )
  return (
    <section className="card" aria-labelledby="alert-facts">
      <div className="card-head">
        <h2 id="alert-facts">Facts</h2>
      </div>
      <div className="card-body">
        <Facts
          rows={[
            ['Rule', alert.rule],
            [
              'Job',
              subject.kind === 'job' && (
                <Link className={classes.link} to="/n/$ns/jobs/$job" params={{ ns: where, job: subject.name }}>
                  {subject.name}
                </Link>
              ),
            ],
            ['Namespace', subject.namespace],
            ['Began', <ExactTime key="since" at={alert.since} />],
            ['Over', alert.resolvedAt && <ExactTime at={alert.resolvedAt} />],
            ['Lasted', <Took key="took" from={alert.since} to={alert.resolvedAt} />],
            ['Closed', alert.closed && CLOSED[alert.closed]],
            ['Times', formatCount(alert.count)],
            ['Last time', <ExactTime key="last" at={alert.lastAt} />],
            ['Told', alert.toldAt && <ExactTime at={alert.toldAt} />],
            ['Began with', run(alert.run)],
            ['Newest run', run(alert.lastRun === alert.run ? undefined : alert.lastRun)],
          ]}
        />
      </div>
    </section>
  )
}

const CLOSED: Record<NonNullable<Alert['closed']>, string> = {
  'subject-gone': 'what it was about is gone',
  'rule-changed': 'its rule was changed',
}
