// Dark or light: the system's choice until a person makes another.

import { useEffect, useState } from "react";

export type Theme = "system" | "light" | "dark";

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(() => {
    const kept = localStorage.getItem("viva.theme");
    return kept === "light" || kept === "dark" ? kept : "system";
  });
  useEffect(() => {
    if (theme === "system") {
      document.documentElement.removeAttribute("data-theme");
      localStorage.removeItem("viva.theme");
    } else {
      document.documentElement.dataset.theme = theme;
      localStorage.setItem("viva.theme", theme);
    }
  }, [theme]);
  return [theme, setTheme];
}
