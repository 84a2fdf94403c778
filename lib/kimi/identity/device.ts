/** The machine whose identity is sent. */

/** Facts of a machine, named and spelled as in Python's `platform` module. */
export interface DeviceFacts {
  /** `platform.node()`: the host name. */
  readonly node: string;
  /** `platform.system()`: `Linux`, `Darwin`, `Windows`, … */
  readonly system: string;
  /** `platform.release()`: the kernel's release; on Windows `10`, `11`, … */
  readonly release: string;
  /** `platform.machine()`: `x86_64`, `arm64`, `AMD64`, … */
  readonly machine: string;
  /** `platform.version()`: the kernel's build string. */
  readonly version: string;
  /** `platform.mac_ver()[0]`: the product version of macOS. */
  readonly macVersion?: string;
  /** Build number of Windows. */
  readonly windowsBuild?: number;
}

/** A machine and the id that kimi-cli keeps for it. */
export interface Device extends DeviceFacts {
  /** Content of `$KIMI_SHARE_DIR/device_id`. */
  readonly id: string;
}
