import { Button } from '@mantine/core'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { type Kind } from './alert-words.ts'
import { useAdvisedRules, useRules } from './alerts-api.ts'
import classes from './alerts.module.css'
import { ChannelChoice } from './channel-choice.tsx'

/** What happens that nobody is told of. */
const UNSAID: Partial<Record<Kind, string>> = {
  'run-ended': 'a run is lost: nobody knows how it ended, and it is not tried again',
  stopped: 'a job is quarantined, or pauses itself after failures',
  'sink-gap': 'rows leave the ledger before a sink got them',
  'clock-skew': 'the clock of a node is wrong, or steps so far that firing pauses',
}

/** Says what goes unsaid for want of a rule of the cluster, and makes these rules. Nothing once there are. */
export function AdvisedRules() {
  const { data: session } = api.useQuery('get', '/v1/session')
  const mayMake = session?.scope === 'admin'
  const rules = useRules('cluster', mayMake || session?.scope === 'read')
  const advised = rules.data?.advised ?? []
  if (advised.length === 0) return null
  return (
    <section className="card" aria-labelledby="advised-title">
      <div className="card-head">
        <h2 id="advised-title">Nobody is told of this</h2>
      </div>
      <div className={`card-body ${classes.form}`}>
        <p>The cluster has no rule, and so lists no alert, for when</p>
        <ul className={classes.unsaid}>
          {advised.map(({ name, condition: { kind } }) => (
            <li key={name}>{UNSAID[kind] ?? name}</li>
          ))}
        </ul>
        {mayMake && <Make advised={advised} />}
      </div>
    </section>
  )
}

type Advised = NonNullable<NonNullable<ReturnType<typeof useRules>['data']>['advised']>

function Make({ advised }: { advised: Advised }) {
  const [chosen, setChosen] = useState<readonly string[]>([])
  const make = useAdvisedRules()
  return (
    <>
      <ChannelChoice
        of="cluster"
        chosen={chosen}
        legend="Channels of the cluster that are told"
        none="The cluster has no channels yet: the rules would list alerts, and tell nobody of them."
        onChange={setChosen}
      />
      {make.error !== null && <ErrorNote error={make.error} />}
      <div className={classes.buttons}>
        <Button
          size="xs"
          loading={make.isPending}
          onClick={() => make.mutate(advised.map((rule) => ({ ...rule, channels: [...chosen] })))}
        >
          Make these rules
        </Button>
      </div>
    </>
  )
}
