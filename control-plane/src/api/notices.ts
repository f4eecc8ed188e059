import type { Notice as NoticeView } from '@cronclave/openapi'
import type { Notice } from '../runs/notice.ts'
import type { ApiContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { namespaceNamed } from './lookup.ts'
import { type Order, pageOf } from './pages.ts'
import { timeText } from './times.ts'

/** Newest first. */
const BY_AGE: Order<Notice> = { name: 'notices:nn', key: ({ id }) => [id, 0], descending: true }

/** What services were told of runs that did not start. */
export function noticeHandlers({ state }: ApiContext): Pick<Handlers, 'listNotices'> {
  return {
    async listNotices({ path, query }) {
      const { uid } = namespaceNamed(state(), path.namespace)
      const matches = ({ namespace, jobName, state: is }: Notice) =>
        namespace === uid &&
        (query.job === undefined || jobName === query.job) &&
        (query.state === undefined || is === query.state)
      const page = await pageOf(state().notices.values(), matches, BY_AGE, query)
      return { status: 200, body: { ...page, items: page.items.map(noticeView) } }
    },
  }
}

function noticeView(notice: Notice): NoticeView {
  const { id, jobName, service, reason, run, from, to, count, stretch, at, state, attempts, nextAt, endedAt } = notice
  return {
    id: String(id),
    job: jobName,
    service,
    reason,
    ...(run === undefined ? {} : { run }),
    fireTime: timeText(from),
    lastFireTime: timeText(to),
    count,
    ...(stretch === undefined ? {} : { stretch }),
    at: timeText(at),
    state,
    attempts,
    ...(nextAt === undefined ? {} : { nextAt: timeText(nextAt) }),
    ...(endedAt === undefined ? {} : { endedAt: timeText(endedAt) }),
    ...(notice.error === undefined ? {} : { error: notice.error }),
  }
}
