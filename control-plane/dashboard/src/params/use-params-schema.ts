import type { JobDefinition } from '@cronclave/openapi'
import { api } from '../api/client.ts'
import type { Schema } from './param-fields.ts'

/** The JSON Schema that a handler gives its parameters; undefined while that is not known, and where it gives none. */
export function useParamsSchema(
  namespace: string,
  target: JobDefinition['target'],
  enabled: boolean,
): Schema | undefined {
  const service = target?.kind === 'handler' ? target.service : undefined
  const { data } = api.useQuery(
    'get',
    '/v1/namespaces/{namespace}/services/{service}/manifest',
    { params: { path: { namespace, service: service ?? '' } } },
    { enabled: enabled && service !== undefined && service !== '', retry: false },
  )
  if (target?.kind !== 'handler') return undefined
  return data?.handlers.find(({ name }) => name === target.handler)?.params
}
