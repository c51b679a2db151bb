// Keeps what cannot be drawn to its own place: one bad message or question must not take the page down.

import { Component, type ErrorInfo, type ReactNode } from "react";
import { Notice } from "./parts.tsx";

interface Props {
  /** What could not be shown: "This question". */
  what: string;
  /** Another value tries again, since there is something else to be drawn. */
  of: unknown;
  children?: ReactNode;
}

export class ErrorBoundary extends Component<Props, { failedOf: { of: unknown } | undefined }> {
  override state: { failedOf: { of: unknown } | undefined } = { failedOf: undefined };

  static getDerivedStateFromError(): { failedOf: { of: unknown } } {
    return { failedOf: { of: NOT_YET } };
  }

  static getDerivedStateFromProps({ of }: Props, { failedOf }: { failedOf: { of: unknown } | undefined }) {
    if (!failedOf) return null;
    if (failedOf.of === NOT_YET) return { failedOf: { of } };
    return failedOf.of === of ? null : { failedOf: undefined };
  }

  override componentDidCatch(error: unknown, { componentStack }: ErrorInfo): void {
    console.warn("could not be drawn:", error, componentStack);
  }

  override render(): ReactNode {
    if (!this.state.failedOf) return this.props.children;
    return (
      <Notice
        kind="warn"
        title={`${this.props.what} cannot be shown.`}
        advice="The rest of the page works. If it happens again, please report it."
      />
    );
  }
}

const NOT_YET = Symbol("not yet");
