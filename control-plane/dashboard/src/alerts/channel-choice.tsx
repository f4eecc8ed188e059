import { Checkbox } from '@mantine/core'
import { api } from '../api/client.ts'
import { type Of, useChannels } from './alerts-api.ts'
import classes from './alerts.module.css'

interface Props {
  of: Of
  chosen: readonly string[]
  legend: string
  /** What it means that there are none to choose from. */
  none: string
  onChange(chosen: readonly string[]): void
}

/** Which channels are told: those of the same namespace, and those of the cluster. */
export function ChannelChoice({ of, chosen, legend, none, onChange }: Props) {
  const { data: session } = api.useQuery('get', '/v1/session')
  const seesCluster = session?.scope === 'admin' || session?.scope === 'read'
  const own = useChannels(of)
  const shared = useChannels('cluster', of !== 'cluster' && seesCluster)
  const names = [
    ...(own.data?.items ?? []).map(({ name }) => name),
    ...(of === 'cluster' ? [] : (shared.data?.items ?? []).map(({ name }) => `cluster/${name}`)),
  ]
  const known = [...names, ...chosen.filter((name) => !names.includes(name))]
  const choose = (name: string, isChosen: boolean) =>
    onChange(isChosen ? [...chosen, name] : chosen.filter((one) => one !== name))
  return (
    <fieldset className={classes.set}>
      <legend>{legend}</legend>
      {known.length === 0 && <p className="dim">{none}</p>}
      <div className={classes.chips}>
        {known.map((name) => (
          <Checkbox
            key={name}
            label={name}
            checked={chosen.includes(name)}
            onChange={(event) => choose(name, event.currentTarget.checked)}
          />
        ))}
      </div>
    </fieldset>
  )
}
