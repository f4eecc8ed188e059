/** The few calls of the management API that the demo makes. */
export class Api {
  readonly #url: string
  readonly #token: string

  constructor(url: string, token: string) {
    this.#url = url
    this.#token = token
  }

  /** Creates or replaces what stands at a path. */
  async put(path: string, body: object): Promise<void> {
    await this.#call('PUT', path, body)
  }

  /** Creates what stands at a path, unless it is there: what somebody changed since the last start stays changed. */
  async putIfAbsent(path: string, body: object): Promise<void> {
    const found = await this.open(path)
    await found.body?.cancel()
    if (found.status === 404) await this.#call('PUT', path, body)
  }

  async open(path: string, signal?: AbortSignal): Promise<Response> {
    return await fetch(this.#url + path, {
      headers: { authorization: `Bearer ${this.#token}` },
      ...(signal && { signal }),
    })
  }

  async #call(method: string, path: string, body: object): Promise<void> {
    const headers = { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' }
    const reply = await fetch(this.#url + path, { method, headers, body: JSON.stringify(body) })
    const text = await reply.text()
    if (!reply.ok) throw new Error(`${method} ${path} was answered ${reply.status}: ${text}`)
  }
}
