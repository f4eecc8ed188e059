import { readFile } from 'node:fs/promises'
import { CommandFault, EXIT } from './exit.ts'
import type { Io } from './io.ts'

/** Where a secret may come from: never from the command line, which others on the machine can read. */
export interface SecretSource {
  /** `-` is stdin. */
  file?: string | undefined
  /** Name of a variable of the environment. */
  variable: string
  /** What is asked at the terminal; nothing is when absent. */
  question?: string
}

/** The first line of a file, a variable, or what is typed; undefined when nothing is given. */
export async function secretText(io: Io, { file, variable, question }: SecretSource): Promise<string | undefined> {
  if (file !== undefined) {
    const [line = ''] = (await contentOf(io, file)).split(/\r?\n/, 1)
    return line
  }
  const given = io.env[variable]
  if (given !== undefined || question === undefined) return given
  const answer = await io.secret?.(question)
  return answer === '' ? undefined : answer
}

/** All that a file holds; `-` is stdin. */
export async function contentOf(io: Io, file: string): Promise<string> {
  try {
    return file === '-' ? await io.stdin() : await readFile(file, 'utf8')
  } catch (error) {
    throw new CommandFault(EXIT.usage, `${file} cannot be read: ${(error as Error).message}`)
  }
}
