export interface Received {
  id?: string
  event: string
  data: Record<string, unknown>
}

/** Reads the server-sent events of a reply one by one. */
export class EventReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  #text = ''

  constructor(response: Response) {
    if (response.headers.get('content-type') !== 'text/event-stream') throw new Error(`no stream: ${response.status}`)
    this.#reader = (response.body as ReadableStream<Uint8Array>).getReader()
  }

  /** The next block: an event, or the text of a comment. Undefined at the end. */
  async block(): Promise<string | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n\n')
      if (end >= 0) {
        const block = this.#text.slice(0, end)
        this.#text = this.#text.slice(end + 2)
        return block
      }
      const { done, value } = await this.#reader.read()
      if (done) return undefined
      this.#text += Buffer.from(value).toString()
    }
  }

  async next(): Promise<Received | undefined> {
    const block = await this.block()
    if (block === undefined) return undefined
    const fields = Object.fromEntries(
      block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
    )
    if (fields.event === undefined) return this.next()
    const id = fields.id === undefined ? {} : { id: fields.id }
    return { ...id, event: fields.event, data: JSON.parse(fields.data ?? '') as Received['data'] }
  }

  close(): Promise<void> {
    return this.#reader.cancel()
  }
}
