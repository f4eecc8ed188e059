// What @cronclave/sdk promises: written by `npm run api`.

export interface Held {
    readonly name: string;
    readonly fencingToken: bigint;
    readonly signal: AbortSignal;
}

export interface Kv {
    get(key: string, options?: ReadOptions): Promise<KvEntry | undefined>;
    put(key: string, value: KvValue, options?: PutOptions): Promise<number>;
    delete(key: string, options?: {
        ifIndex?: number;
    }): Promise<boolean>;
    range(prefix?: string, options?: {
        from?: string;
        to?: string;
    }): AsyncIterable<KvEntry>;
    compareAndSet(key: string, index: number, value: KvValue): Promise<number | undefined>;
    lock<Result>(name: string, options: LockOptions, work: (held: Held) => Result | Promise<Result>): Promise<Result>;
}

export interface KvEntry {
    readonly key: string;
    readonly value: Uint8Array;
    readonly contentType: string;
    readonly index: number;
    readonly createIndex: number;
    readonly version: number;
    readonly lease?: string;
    text(): string;
    json(): Json;
}

export declare class KvError extends CronclaveError {
    name: string;
    readonly status: number;
    constructor(status: number, code: string, message: string, cause?: unknown);
}

export interface KvOptions {
    url: string;
    token: string;
    namespace?: string;
    fetch?: typeof fetch;
    clock?: ExecutorClock;
}

export type KvValue = Uint8Array | Json;

export interface LockOptions {
    ttlMs?: number | undefined;
    waitMs?: number | undefined;
    signal?: AbortSignal | undefined;
}

export interface PutOptions {
    ifIndex?: number;
    lease?: string;
    contentType?: string;
}

export interface ReadOptions {
    minIndex?: number;
    linearizable?: boolean;
}

export declare function kv(options: KvOptions): Kv;
