import type { ClusterNode } from '../support/cluster-node.ts'

const PATIENCE_MS = 30_000

/** What a node streams, as text. */
export class TextStream {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #decoder = new TextDecoder()
  #text = ''

  /** Resolves when it has begun. */
  static async open(node: ClusterNode, path: string, token: string): Promise<TextStream> {
    const headers = { authorization: `Bearer ${token}` }
    const { body } = await fetch(node.url + path, { headers, signal: AbortSignal.timeout(PATIENCE_MS) })
    if (!body) throw new Error(`${path} streams nothing`)
    const stream = new TextStream(body.getReader())
    await stream.says(/^retry:/m)
    return stream
  }

  private constructor(reader: ReadableStreamDefaultReader<Uint8Array>) {
    this.#reader = reader
  }

  /** Id of the last event that has one. */
  get lastId(): string {
    return [...this.#text.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? ''
  }

  /** Resolves once it has said something; rejects when it ends before. */
  async says(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#text)) if (!(await this.#more())) throw new Error(`it ended with ${this.#text}`)
  }

  /** All that it said, once it has ended. */
  async ended(): Promise<string> {
    while (await this.#more());
    return this.#text
  }

  async close(): Promise<void> {
    await this.#reader.cancel()
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#reader.read()
    if (done) return false
    this.#text += this.#decoder.decode(value, { stream: true })
    return true
  }
}
