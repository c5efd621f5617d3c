//! Trains on a file, prints every epoch, stops after a given time, and measures the model on ratings that it
//! was not trained on.
//!
//! `cargo run --release --example progress -- [RATINGS] [SECONDS]`

use mfgpu::{Dataset, Event, Recommender, Result, Settings, Stop};
use std::time::Duration;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().unwrap_or_else(|| "examples/ratings.csv".into());
    let seconds = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(10);

    let (data, test) = Dataset::read(path)?.split(0.1, 42);
    println!("{} ratings to train on, {} to measure by", data.ratings.len(), test.ratings.len());

    // Any thread may raise the token. Training then ends with the model so far.
    let stop = Stop::new();
    let clock = stop.clone();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(seconds));
        clock.raise();
    });
    let observe = |event: &Event| {
        if let Event::Epoch { phase, epoch } = event {
            let held_out =
                epoch.held_out.map_or(String::new(), |score| format!(", held out {:.4}", score.value));
            println!("{} {}: rmse {:.4}{held_out}", phase.name(), epoch.epoch, epoch.train_rmse);
        }
    };
    let model = Recommender::new(Settings::default()).fit_with(&data, observe, &stop)?;

    let Some(rating) = model.evaluate(&test)?.rating else { return Ok(()) };
    let rmse = rating.rmse;
    println!("test: rmse {:.4}, of biases alone {:.4}", rmse.model.value, rmse.biases.value);
    Ok(())
}
