import { NativeSelect } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { api } from '../api/client.ts'
import classes from './namespace-select.module.css'

const SHOWN_MAX = 500

/** Which namespace is looked at; a plain name where there is only one. */
export function NamespaceSelect({ namespace }: { namespace: string }) {
  const navigate = useNavigate()
  const { data } = api.useQuery('get', '/v1/namespaces', { params: { query: { limit: SHOWN_MAX } } })
  const names = data?.items.map(({ name }) => name) ?? []
  if (names.length < 2 && (names[0] ?? namespace) === namespace) {
    return (
      <span className={classes.only} title="Namespace">
        {namespace}
      </span>
    )
  }
  return (
    <NativeSelect
      size="xs"
      aria-label="Namespace"
      className={classes.select ?? ''}
      data={names.includes(namespace) ? names : [namespace, ...names]}
      value={namespace}
      onChange={(event) => void navigate({ to: '/n/$ns', params: { ns: event.currentTarget.value } })}
    />
  )
}
