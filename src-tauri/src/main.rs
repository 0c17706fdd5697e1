//! The desktop shell: window, dialogs, drop, wiring. No logic: every action is the core's.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::path::PathBuf;
use std::sync::Once;
use std::time::Instant;

use decoupage_app::{Core, Event, Places, Request, Response};
use decoupage_shot::{Code, Fault, Outcome};
use tauri::ipc::Channel;
use tauri::{RunEvent, State, WebviewUrl, WebviewWindowBuilder};

/// When the process began, for the start-up benchmark.
struct Begun(Instant);

/// Answers one request of the window, off the main thread.
#[tauri::command]
async fn ask(core: State<'_, Core>, request: Request) -> Result<Response, Fault> {
    let core = core.inner().clone();
    tauri::async_runtime::spawn_blocking(move || core.ask(request))
        .await
        .unwrap_or_else(|_| {
            Err(
                Fault::new(Code::Internal, "That went wrong inside Decoupage.")
                    .advise("Nothing was lost; please try again, and report it if it stays."),
            )
        })
}

/// Carries the core's events to the window from now on.
#[tauri::command]
fn listen(core: State<'_, Core>, channel: Channel<Event>) {
    let events = core.listen();
    std::thread::spawn(move || {
        for event in events {
            if channel.send(event).is_err() {
                return;
            }
        }
    });
}

/// Hears from the window that it has painted; told on standard error where the start-up
/// benchmark asks for it.
#[tauri::command]
fn painted(begun: State<'_, Begun>) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if std::env::var_os("DECOUPAGE_REPORT_PAINT").is_some() {
            eprintln!("painted after {} ms", begun.0.elapsed().as_millis());
        }
    });
}

fn main() {
    let begun = Begun(Instant::now());
    let core = Core::new(Places::of_this_person(), true);
    let closing = core.clone();
    let opening = core.clone();
    let built = tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .manage(core)
        .manage(begun)
        .invoke_handler(tauri::generate_handler![ask, listen, painted])
        .setup(move |app| {
            WebviewWindowBuilder::new(app, "main", WebviewUrl::default())
                .title("Decoupage")
                .inner_size(1440.0, 900.0)
                .min_inner_size(960.0, 600.0)
                .background_color(tauri::window::Color(27, 27, 27, 255))
                .build()?;
            // The window opens at once and hears of the project when it is there.
            std::thread::spawn(move || {
                if let Err(fault) = open_first(&opening) {
                    eprintln!("decoupage: {fault}");
                }
            });
            Ok(())
        })
        .build(tauri::generate_context!());
    let app = match built {
        Ok(app) => app,
        Err(error) => {
            eprintln!(
                "decoupage: The window could not be opened: {error}. The same window runs in a \
                 browser with `decoupage serve`."
            );
            std::process::exit(1);
        }
    };
    app.run(move |app, event| {
        if let RunEvent::ExitRequested { .. } = event
            && let Err(fault) = closing.close()
        {
            eprintln!("decoupage: {fault}");
            app.cleanup_before_exit();
        }
    });
}

/// Opens the project named on the command line, or the sample shot, which a newcomer finds
/// interpreted.
fn open_first(core: &Core) -> Outcome<()> {
    if let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) {
        core.ask(Request::OpenProject { folder })?;
        return Ok(());
    }
    if let Response::View { view } = core.ask(Request::OpenSample)?
        && let Some(shot) = view.project.shots.first()
        && shot.takes.is_empty()
    {
        core.ask(Request::interpret(shot.id))?;
    }
    Ok(())
}
