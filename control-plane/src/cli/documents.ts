import { readFile } from 'node:fs/promises'
import { LineCounter, parseAllDocuments } from 'yaml'
import { isObject } from '../jobs/fields.ts'
import { CommandFault, EXIT } from './exit.ts'
import type { Io } from './io.ts'

/** A definition and where it was written. */
export interface WrittenDefinition {
  /** `jobs.yaml`, or `jobs.yaml job 2` where there are several. */
  where: string
  value: unknown
}

/** Every definition in YAML or JSON files: documents that are one, or that list them under `jobs`. `-` is stdin. */
export async function readDefinitions(files: readonly string[], io: Io): Promise<WrittenDefinition[]> {
  const found: WrittenDefinition[] = []
  for (const file of files) found.push(...definitionsIn(file, await readDocuments(file, io)))
  return found
}

/** The documents of a YAML or JSON file. */
export async function readDocuments(file: string, io: Io): Promise<unknown[]> {
  return parse(file, await textOf(file, io))
}

/** The definitions in the documents of a file. */
export function definitionsIn(file: string, documents: readonly unknown[]): WrittenDefinition[] {
  const values = documents.flatMap(definitionsOf)
  const place = file === '-' ? 'stdin' : file
  return values.map((value, index) => ({ where: values.length === 1 ? place : `${place} job ${index + 1}`, value }))
}

async function textOf(file: string, io: Io): Promise<string> {
  try {
    return file === '-' ? await io.stdin() : await readFile(file, 'utf8')
  } catch (error) {
    throw new CommandFault(EXIT.usage, `${file} cannot be read: ${(error as Error).message}`)
  }
}

function parse(file: string, text: string): unknown[] {
  const lines = new LineCounter()
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })
  const documents = 'empty' in parsed ? [] : parsed
  const errors = documents.flatMap(({ errors }) => errors)
  if (errors.length > 0) {
    const details = errors.map((error) => `line ${lines.linePos(error.pos[0]).line}: ${error.message.split('\n')[0]}`)
    throw new CommandFault(EXIT.usage, `${file} is not YAML`, details)
  }
  try {
    return documents.map((document) => document.toJS({ maxAliasCount: 100 }) as unknown)
  } catch (error) {
    throw new CommandFault(EXIT.usage, `${file} is not YAML: ${(error as Error).message}`)
  }
}

function definitionsOf(value: unknown): unknown[] {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value
  return isObject(value) && Array.isArray(value['jobs']) ? value['jobs'] : [value]
}
