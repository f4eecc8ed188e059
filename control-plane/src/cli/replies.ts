import type { ClientPaths } from '@cronclave/openapi'

/** What the API answers, as the client's types have it: fields with a default may be absent. */
type Reply<Path extends keyof ClientPaths> = ClientPaths[Path] extends {
  get: { responses: { 200: { content: { 'application/json': infer Body } } } }
}
  ? Body
  : never

export type Job = Reply<'/v1/namespaces/{namespace}/jobs/{job}'>
export type Definition = Job['definition']
