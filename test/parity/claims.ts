import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A title of a test that begins with rows, e.g. `S063 a sharded run …`. */
export interface Claim {
  rows: number[]
  title: string
  /** `path:line`. */
  place: string
}

const TITLE = /(['"`])((?:S\d{3} )+)((?:(?!\1)[^\\\n]|\\.)+)\1/g

/** All titles of tests in this repository that begin with a row. */
export function claimsIn(root: string): Claim[] {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.test.ts'], {
    cwd: root,
    encoding: 'utf8',
  })
  return files
    .split('\n')
    .filter((file) => file !== '' && file !== 'test/parity.test.ts')
    .flatMap((file) => claimsOf(readFileSync(join(root, file), 'utf8'), file))
}

/** The titles of one file that begin with a row. */
export function claimsOf(text: string, file: string): Claim[] {
  return [...text.matchAll(TITLE)].map(([, , rows = '', title = ''], i, all) => ({
    rows: [...rows.matchAll(/\d+/g)].map(Number),
    title,
    place: `${file}:${text.slice(0, all[i]?.index).split('\n').length}`,
  }))
}
