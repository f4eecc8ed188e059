import type { ManifestDefinition } from '@cronclave/openapi'
import { isObject } from '../jobs/fields.ts'
import { checked, type Named } from './apply.ts'
import { childrenFirst } from './children-first.ts'
import { definitionsIn, readDocuments } from './documents.ts'
import { CommandFault, EXIT } from './exit.ts'
import type { Io } from './io.ts'

/** What jobs are to be compared with, or brought to. */
export type CodeInput =
  | { kind: 'manifest'; service: string; manifest: ManifestDefinition }
  | { kind: 'url'; service: string; url: string }
  | { kind: 'jobs'; jobs: Named[] }

/** A manifest or jobs from a file, or the address of an executor. */
export async function readCode(from: string, io: Io, { service }: { service?: string }): Promise<CodeInput> {
  if (/^https?:\/\//.test(from)) return { kind: 'url', service: needed(service), url: from }
  const documents = (await readDocuments(from, io)).filter((document) => document !== null && document !== undefined)
  const [first] = documents
  if (!isObject(first) || !Array.isArray(first['handlers']))
    return { kind: 'jobs', jobs: childrenFirst(checked(definitionsIn(from, documents))) }
  if (documents.length > 1)
    throw new CommandFault(EXIT.usage, 'There is more than one manifest: one service at a time.')
  const named = typeof first['service'] === 'string' ? first['service'] : undefined
  return { kind: 'manifest', service: needed(service ?? named), manifest: first as ManifestDefinition }
}

function needed(service: string | undefined): string {
  if (service === undefined) throw new CommandFault(EXIT.usage, 'Which service is it? Name it with --service.')
  return service
}
