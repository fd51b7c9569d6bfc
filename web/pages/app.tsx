/** The page. */
export const App = () => (
  <main>
    <h1>Tonetwin</h1>
  </main>
);
