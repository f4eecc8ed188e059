-- Rows are keyed by their place in the cluster's log, so that to write them again changes nothing. Numbers in
-- namespace and job are uids, which outlive a renaming; the names beside them are those of the time of delivery.
-- Ids are hashes, so what is sorted by them is written in no order: eight of their characters tell them apart, and an
-- index that is half as large stays in memory for twice as long.
-- Times are UTC. JSON stands in LONGTEXT: every JSON function reads it, and it stays as it was written.

CREATE TABLE IF NOT EXISTS `{prefix}runs` (
  `log_index` BIGINT NOT NULL,
  `log_ordinal` BIGINT NOT NULL,
  `id` VARCHAR(255) NOT NULL,
  `namespace` BIGINT NOT NULL,
  `job` BIGINT NOT NULL,
  `state` VARCHAR(64) NOT NULL,
  `cause` VARCHAR(64) NOT NULL,
  `fire_time` DATETIME(6) NOT NULL,
  `due_time` DATETIME(6) NOT NULL,
  `created_at` DATETIME(6) NOT NULL,
  `started_at` DATETIME(6) NULL,
  `ended_at` DATETIME(6) NOT NULL,
  `job_version` BIGINT NOT NULL,
  `attempts` BIGINT NOT NULL,
  `executor` VARCHAR(255) NULL,
  `reason` VARCHAR(64) NULL,
  `into_run` VARCHAR(255) NULL,
  `requested_by` VARCHAR(255) NULL,
  `came_of` VARCHAR(255) NULL,
  `parent_run` VARCHAR(255) NULL,
  `parent_moment` VARCHAR(64) NULL,
  `rerun_of` VARCHAR(255) NULL,
  `backfill` VARCHAR(255) NULL,
  `schedules` LONGTEXT NULL,
  `params` LONGTEXT NULL,
  `result` LONGTEXT NULL,
  `error_code` VARCHAR(255) NULL,
  `error_name` VARCHAR(255) NULL,
  `error_message` MEDIUMTEXT NULL,
  `shards` LONGTEXT NULL,
  `job_name` VARCHAR(255) NOT NULL,
  `namespace_name` VARCHAR(255) NOT NULL,
  `row_sum` BIGINT NOT NULL,
  PRIMARY KEY (`log_index`, `log_ordinal`),
  KEY `by_id` (`id`(8)),
  KEY `by_job` (`job`, `fire_time`),
  KEY `by_namespace` (`namespace`, `fire_time`),
  KEY `by_state` (`state`, `fire_time`),
  KEY `by_end` (`ended_at`),
  KEY `by_origin` (`came_of`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS `{prefix}attempts` (
  `log_index` BIGINT NOT NULL,
  `log_ordinal` BIGINT NOT NULL,
  `id` VARCHAR(255) NOT NULL,
  `run` VARCHAR(255) NOT NULL,
  `shard` BIGINT NOT NULL,
  `attempt` BIGINT NOT NULL,
  `namespace` BIGINT NOT NULL,
  `job` BIGINT NOT NULL,
  `outcome` VARCHAR(64) NOT NULL,
  `next` VARCHAR(64) NOT NULL,
  `executor` VARCHAR(255) NOT NULL,
  `node` VARCHAR(255) NOT NULL,
  `fencing_token` BIGINT NOT NULL,
  `started_at` DATETIME(6) NOT NULL,
  `sent_at` DATETIME(6) NULL,
  `ended_at` DATETIME(6) NOT NULL,
  `status` BIGINT NULL,
  `result` LONGTEXT NULL,
  `error_code` VARCHAR(255) NULL,
  `error_name` VARCHAR(255) NULL,
  `error_message` MEDIUMTEXT NULL,
  `logs` LONGTEXT NULL,
  `output` LONGTEXT NULL,
  `progress` LONGTEXT NULL,
  `namespace_name` VARCHAR(255) NOT NULL,
  `job_name` VARCHAR(255) NOT NULL,
  `row_sum` BIGINT NOT NULL,
  PRIMARY KEY (`log_index`, `log_ordinal`),
  KEY `by_run` (`run`(8)),
  KEY `by_end` (`ended_at`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS `{prefix}stretches` (
  `log_index` BIGINT NOT NULL,
  `log_ordinal` BIGINT NOT NULL,
  `id` VARCHAR(255) NOT NULL,
  `namespace` BIGINT NOT NULL,
  `job` BIGINT NOT NULL,
  `reason` VARCHAR(64) NOT NULL,
  `from_time` DATETIME(6) NOT NULL,
  `to_time` DATETIME(6) NOT NULL,
  `fires` BIGINT NOT NULL,
  `into_run` VARCHAR(255) NULL,
  `namespace_name` VARCHAR(255) NOT NULL,
  `job_name` VARCHAR(255) NOT NULL,
  `row_sum` BIGINT NOT NULL,
  PRIMARY KEY (`log_index`, `log_ordinal`),
  KEY `by_job` (`job`, `from_time`),
  KEY `by_end` (`to_time`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS `{prefix}late_results` (
  `log_index` BIGINT NOT NULL,
  `log_ordinal` BIGINT NOT NULL,
  `attempt` VARCHAR(255) NOT NULL,
  `run` VARCHAR(255) NOT NULL,
  `namespace` BIGINT NOT NULL,
  `job` BIGINT NOT NULL,
  `outcome` VARCHAR(64) NOT NULL,
  `at` DATETIME(6) NOT NULL,
  `result` LONGTEXT NULL,
  `error_code` VARCHAR(255) NULL,
  `error_name` VARCHAR(255) NULL,
  `error_message` MEDIUMTEXT NULL,
  `namespace_name` VARCHAR(255) NOT NULL,
  `job_name` VARCHAR(255) NOT NULL,
  `row_sum` BIGINT NOT NULL,
  PRIMARY KEY (`log_index`, `log_ordinal`),
  KEY `by_run` (`run`),
  KEY `by_time` (`at`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Rows from one place to another, both included, that left the ledger before they could be delivered.
CREATE TABLE IF NOT EXISTS `{prefix}gaps` (
  `from_index` BIGINT NOT NULL,
  `from_ordinal` BIGINT NOT NULL,
  `to_index` BIGINT NOT NULL,
  `to_ordinal` BIGINT NOT NULL,
  `rows_missing` BIGINT NOT NULL,
  `at` DATETIME(6) NOT NULL,
  PRIMARY KEY (`from_index`, `from_ordinal`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
