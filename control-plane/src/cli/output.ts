import Table from 'cli-table3'
import { stringify } from 'yaml'
import { visible } from '../runtime/visible.ts'
import { type Io, painter, stateColour } from './io.ts'

export const FORMATS = ['table', 'json', 'yaml'] as const
export type Format = (typeof FORMATS)[number]

/** A column of a table: its heading and what it shows of a row; `undefined` is shown as `-`. */
export interface Column<T> {
  head: string
  of: (row: T) => string | number | undefined
  /** Coloured by the state that it shows. */
  state?: boolean
}

/** Prints values as the user asked for: tables for people, JSON and YAML for scripts. */
export class Output {
  readonly #io: Io
  readonly format: Format
  readonly #paint: ReturnType<typeof painter>

  constructor(io: Io, format: Format) {
    this.#io = io
    this.format = format
    this.#paint = painter(io.stdout, io.env)
  }

  /** Rows as a table; as data `{items: rows}`. */
  list<T>(rows: readonly T[], columns: readonly Column<T>[], nothing: string): void {
    if (this.format !== 'table') this.data({ items: rows })
    else if (rows.length === 0) this.note(nothing)
    else
      this.#table(
        columns.map(({ head }) => head),
        rows.map((row) => columns.map((column) => this.#cell(column, row))),
      )
  }

  /** One thing: its fields in two columns, those that are `undefined` left out; as data `value`. */
  one(value: unknown, fields: Record<string, string | number | undefined>): void {
    if (this.format !== 'table') return this.data(value)
    const rows = Object.entries(fields).filter(([, content]) => content !== undefined)
    this.#table(
      undefined,
      rows.map(([name, content]) => [
        this.#paint(name, 'grey'),
        name === 'state' ? this.#paint(String(content), stateColour(String(content))) : visible(String(content)),
      ]),
    )
  }

  data(value: unknown): void {
    this.line(this.format === 'yaml' ? yamlOf(value) : JSON.stringify(value, null, 2))
  }

  /** A line on stdout: the answer itself. */
  line(text: string): void {
    this.#io.stdout.write(`${text}\n`)
  }

  /** A line on stderr: for people, in the way of no script. */
  note(text: string): void {
    this.#io.stderr.write(`${text}\n`)
  }

  #cell<T>(column: Column<T>, row: T): string {
    const content = column.of(row)
    if (content === undefined || content === '') return this.#paint('-', 'grey')
    const text = visible(String(content)).replaceAll('\n', ' ')
    return column.state ? this.#paint(text, stateColour(text)) : text
  }

  #table(head: string[] | undefined, rows: string[][]): void {
    const table = new Table({
      ...(head
        ? { head: head.map((text) => this.#paint(text.includes('/') ? text : text.toUpperCase(), 'grey')) }
        : {}),
      chars: NO_BORDERS,
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    })
    table.push(...rows)
    this.line(table.toString().replace(/ +$/gm, ''))
  }
}

/** YAML that readers of YAML 1.1 understand alike. */
export function yamlOf(value: unknown): string {
  return stringify(value, { compat: 'yaml-1.1' }).trimEnd()
}

const NO_BORDERS = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'])
    .map((name) => [name, '']),
)
