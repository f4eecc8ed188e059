import { Skeleton } from '@mantine/core'
import classes from './overview.module.css'

/** Headline numbers beside each other. */
export function Figures({ rows }: { rows: readonly (readonly [name: string, value: string | undefined])[] }) {
  return (
    <dl className={classes.numbers}>
      {rows.map(([name, value]) => (
        <div key={name} className={classes.figure}>
          <dt>{name}</dt>
          <dd className="num">{value ?? <Skeleton height={22} width={52} />}</dd>
        </div>
      ))}
    </dl>
  )
}
