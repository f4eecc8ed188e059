import type { MemberId, Message, MessageOf, MessageType } from '../../control-plane/src/raft/types.ts'
import { Malformed } from './arguments.ts'
import { type Node, append, apply } from './node.ts'
import { Output } from './output.ts'
import { describeMessage, describeReady, describeRefusal } from './render.ts'

/** Who gets the messages on their way to it, or loses them. */
export interface Recipient {
  id: MemberId
  drop: boolean
}

/** A cluster in which nothing moves but by command, and what it printed. Node `id` stands at `id - 1`. */
export class Environment {
  readonly nodes: Node[] = []
  readonly output = new Output()
  /** On their way, in the order in which they were sent. */
  #messages: Message[] = []

  node(id: MemberId): Node {
    const node = this.nodes[id - 1]
    if (node === undefined) throw new Malformed(`there is no node ${id}`)
    return node
  }

  send(messages: readonly Message[]): void {
    this.#messages.push(...messages)
  }

  /** Hands over or drops what is on its way, and tells how many messages that were. */
  deliver(recipients: readonly Recipient[], type?: MessageType): number {
    let count = 0
    for (const recipient of recipients) {
      const taken = this.#messages.filter((message) => concerns(message, recipient, type))
      this.#messages = this.#messages.filter((message) => !concerns(message, recipient, type))
      count += taken.length
      for (const message of taken) this.#deliverOne(message, recipient.drop)
    }
    return count
  }

  processReady(node: Node): void {
    const ready = node.raft.ready()
    this.output.print(describeReady(ready))
    if (!node.asyncStorageWrites) {
      append(node, ready)
      apply(node, ready.committed)
    }
    for (const message of ready.messages) {
      if (message.type === 'storage-append') node.appendWork.push(message)
      else if (message.type === 'storage-apply') node.applyWork.push(message)
      else this.send([message])
    }
    if (!node.asyncStorageWrites) node.raft.advance(ready)
  }

  processAppendThread(node: Node): void {
    const work = node.appendWork.shift()
    if (work === undefined) return this.output.print('no append work to perform')
    this.#printWork(work)
    append(node, work)
    this.#respond(work.responses)
  }

  processApplyThread(node: Node): void {
    const work = node.applyWork.shift()
    if (work === undefined) return this.output.print('no apply work to perform')
    this.#printWork(work)
    apply(node, work.entries)
    this.#respond(work.responses)
  }

  /** Lets these nodes work, and only them, until none has anything to do. */
  stabilize(nodes: readonly Node[]): void {
    const phases = [
      {
        title: 'handling Ready',
        due: (node: Node) => node.raft.hasReady(),
        once: (node: Node) => this.processReady(node),
      },
      {
        title: 'receiving messages',
        due: (node: Node) => this.#awaits(node),
        once: (node: Node) => this.#receive(node),
      },
    ]
    const threads = [
      {
        title: 'processing append thread',
        work: (node: Node) => node.appendWork,
        once: (node: Node) => this.processAppendThread(node),
      },
      {
        title: 'processing apply thread',
        work: (node: Node) => node.applyWork,
        once: (node: Node) => this.processApplyThread(node),
      },
    ]
    for (let busy = true; busy; ) {
      busy = false
      for (const { title, due, once } of phases)
        for (const node of nodes) {
          if (!due(node)) continue
          this.output.section(`> ${node.id} ${title}`, () => once(node))
          busy = true
        }
      for (const { title, work, once } of threads)
        for (const node of nodes) {
          if (work(node).length === 0) continue
          this.output.section(`> ${node.id} ${title}`, () => {
            while (work(node).length > 0) once(node)
          })
          busy = true
        }
    }
  }

  #awaits({ id }: Node): boolean {
    return this.#messages.some((message) => message.to === id)
  }

  #receive({ id }: Node): void {
    this.deliver([{ id, drop: false }])
  }

  #deliverOne(message: Message, drop: boolean): void {
    this.output.print(`${drop ? 'dropped: ' : ''}${describeMessage(message)}\n`)
    if (drop) return
    const refusal = this.node(message.to).raft.step(message)
    if (refusal !== undefined) this.output.print(`${describeRefusal(refusal)}\n`)
  }

  #printWork(work: MessageOf<'storage-append' | 'storage-apply'>): void {
    this.output.print(`Processing:\n${describeMessage({ ...work, responses: [] })}\n`)
  }

  #respond(responses: readonly Message[]): void {
    this.output.print(`Responses:\n${responses.map((message) => `${describeMessage(message)}\n`).join('')}`)
    this.send(responses)
  }
}

/** What a member says to itself and to its storage cannot be lost on the way. */
function concerns(message: Message, { id, drop }: Recipient, type: MessageType | undefined): boolean {
  const local = message.from === message.to || message.from < 0 || message.to < 0
  return message.to === id && !(drop && local) && (type === undefined || message.type === type)
}
