import type { Output } from './output.ts'

/** Items of one page as the lists of the API return them. */
interface Page<T> {
  items: T[]
  nextCursor?: string
  /** What is missing on it, and why. */
  incomplete?: string
}

export interface PagingOptions {
  limit: number
  all?: boolean
}

/** Largest page that the API answers. */
const PAGE_MAX = 500

/** The first `limit` items of a list, or all of them; says on stderr when there are more, or when some are missing. */
export async function gather<T>(
  page: (query: { limit: number; cursor?: string }) => Promise<Page<T>>,
  { limit, all = false }: PagingOptions,
  output: Output,
): Promise<T[]> {
  const items: T[] = []
  let cursor: string | undefined
  let incomplete: string | undefined
  do {
    const wanted = all ? PAGE_MAX : Math.min(limit - items.length, PAGE_MAX)
    const reply = await page({ limit: wanted, ...(cursor === undefined ? {} : { cursor }) })
    items.push(...reply.items)
    cursor = reply.nextCursor
    incomplete ??= reply.incomplete
  } while (cursor !== undefined && (all || items.length < limit))
  if (cursor !== undefined) output.note(`There are more than these ${items.length}: --limit or --all shows them.`)
  if (incomplete !== undefined) output.note(`Older ones may be missing: ${incomplete}`)
  return items
}
